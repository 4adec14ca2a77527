import LotCommands

@main
enum Main {
    static func main() { LotMain.main() }
}
