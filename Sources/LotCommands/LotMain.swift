import ArgumentParser
import Glibc
import LotCore

/// The program: arguments in, exit code out.
public enum LotMain {
    /// Runs `lot` with the process's arguments and ends the process.
    public static func main() -> Never {
        resetCrashSignals()
        exit(run(Array(CommandLine.arguments.dropFirst())))
    }

    /// Runs `lot` with `arguments` and returns the exit code (`docs/exit-codes.md`).
    public static func run(_ arguments: [String]) -> Int32 {
        var console = Console()
        let isCompletion = arguments.first == completionRequest
        let arguments = isCompletion ? arguments : CommandWords.normalised(arguments)
        if wantsJSON(arguments) { console.format = .json }
        do throws(Diagnosis) {
            if !isCompletion { try refuseRepeatedFlags(arguments) }
            let configuration = try Configuration(arguments)
            if wantsJSON(configuration.arguments) { console.format = .json }
            return try run(configuration, &console)
        } catch {
            console.fail(error)
            return error.code.rawValue
        }
    }

    /// What a shell's completion script asks with.
    private static let completionRequest = "---completion"

    /// Parses and runs a command; what is at fault is named after the place where it is set.
    private static func run(
        _ configuration: Configuration, _ console: inout Console
    ) throws(Diagnosis) -> Int32 {
        do {
            let command = try LotCommand.parseAsRoot(configuration.arguments)
            guard let command = command as? any ConfiguredCommand else {
                var help = command
                try help.run()
                return 0
            }
            console = try command.global.console()
            return try command.execute(console, configuration)
        } catch let diagnosis as Diagnosis {
            throw configuration.named(diagnosis)
        } catch  where LotCommand.exitCode(for: error) == .success {
            Console.put(LotCommand.fullMessage(for: error) + "\n", STDOUT_FILENO)
            return 0
        } catch {
            throw configuration.named(ParserComplaint.diagnosis(error))
        }
    }

    /// Crashes print nothing: Swift's backtrace would show memory, and memory may hold secrets.
    private static func resetCrashSignals() {
        for signal in [SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV, SIGQUIT] {
            _ = Glibc.signal(signal, SIG_DFL)
        }
    }

    private static func wantsJSON(_ arguments: [String]) -> Bool {
        arguments.contains("--format=json")
            || zip(arguments, arguments.dropFirst()).contains { $0 == "--format" && $1 == "json" }
    }

    /// Flags given twice are an error: the last one would win in silence.
    private static func refuseRepeatedFlags(_ arguments: [String]) throws(Diagnosis) {
        let repeatable: Set = [
            "--param", "--assert", "--data", "-d", "--pairs", "-p", "--window", "--to", "--symbol",
            "--symbols", "--target", "--target-direction", "--constraint", "--where",
            "--parameter", "--sbatch-arg",
        ]
        var seen: Set<String> = []
        for argument in arguments.prefix(while: { $0 != "--" }) where argument.hasPrefix("-") {
            let name = String(argument.prefix { $0 != "=" })
            let isFlag = name.utf8.dropFirst().first.map { !(0x30...0x39).contains($0) } ?? false
            guard isFlag, !repeatable.contains(name) else { continue }
            if !seen.insert(name).inserted {
                throw usage(escaped(name), "given twice", hint: "keep one of them")
            }
        }
    }
}
