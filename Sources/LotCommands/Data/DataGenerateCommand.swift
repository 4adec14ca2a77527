import ArgumentParser
import LotCore
import LotData
import LotReport

/// `lot data generate`: a synthetic series.
struct DataGenerateCommand: Command {
    static let configuration = CommandConfiguration(
        commandName: "generate",
        abstract: "Generate a synthetic series with volatility clustering, the same for a seed.",
        discussion: """
            Example:
              lot data generate --as test:GENUSDT:1m --rows 1051200 --seed 1
            """)

    @Option(help: ArgumentHelp("The series, for example test:GENUSDT:1m.", valueName: "series"))
    var `as`: String

    @Option(help: ArgumentHelp("Number of bars.", valueName: "n"))
    var rows: String

    @Option(help: ArgumentHelp("Seed of the random numbers.", valueName: "n"))
    var seed: String = "1"

    @Option(help: ArgumentHelp("Time of the first bar.", valueName: "time"))
    var start: String = "2023-01-01"

    @Flag(help: "Let rows take the place of stored ones that differ.")
    var replace = false

    @OptionGroup(title: "General") var global: GlobalOptions

    func execute(_ console: Console) throws(Diagnosis) -> Int32 {
        let address = try parseAddress("--as", self.as)
        guard let count = parseWhole(rows), (1...100_000_000).contains(count) else {
            throw usage("--rows", "\"\(escaped(rows))\" is not a number from 1 to 100000000")
        }
        guard let seed = parseWhole(seed) else {
            throw usage("--seed", "\"\(escaped(seed))\" is not a whole number, 0 or more")
        }
        let first: Int64
        do throws(CivilTimeError) {
            first = try CivilTime.parse(start)
        } catch {
            throw usage("--start", error.reason)
        }
        guard address.interval.isOnGrid(first) else {
            throw usage(
                "--start", "\(CivilTime.text(first)) is not on the grid of \(address.interval)",
                hint: "give a multiple of the interval")
        }
        let store = try global.workspace().store
        let outcome = try store.generate(
            address, rows: Int(count), seed: seed, start: first, replace: replace)
        switch console.format {
        case .json:
            try writeJSON(console) { json in
                json.object { json in
                    field(&json, "schema", "lot.generate/1")
                    field(&json, "series", address.description)
                    field(&json, "rows_added", outcome.added)
                    field(&json, "rows_replaced", outcome.replaced)
                    field(&json, "rows", outcome.rows)
                }
            }
        case .csv:
            try console.write(
                "series,rows_added,rows_replaced,rows\n\(address),\(outcome.added),"
                    + "\(outcome.replaced),\(outcome.rows)\n")
        case .table:
            try console.write(
                "\(address): \(counted(outcome.added, "synthetic bar")) added, "
                    + "\(counted(outcome.rows, "row"))\n")
        }
        return 0
    }
}
