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
        if wantsJSON(arguments) { console.format = .json }
        do {
            try refuseRepeatedFlags(arguments)
            let command = try LotCommand.parseAsRoot(arguments)
            guard let command = command as? any Command else {
                var help = command
                try help.run()
                return 0
            }
            console = try command.global.console()
            return try command.execute(console)
        } catch let diagnosis as Diagnosis {
            console.fail(diagnosis)
            return diagnosis.code.rawValue
        } catch {
            return report(error, console)
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
            "--symbols",
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

    /// Prints help to standard output, and parser errors in our form.
    private static func report(_ error: any Error, _ console: Console) -> Int32 {
        if LotCommand.exitCode(for: error) == .success {
            Console.put(LotCommand.fullMessage(for: error) + "\n", STDOUT_FILENO)
            return 0
        }
        console.fail(
            ParserComplaint(LotCommand.message(for: error))
                .diagnosis(help: helpCommand(LotCommand.fullMessage(for: error))))
        return ExitCode.usage.rawValue
    }

    /// The help command that the parser names at the end of its own message.
    private static func helpCommand(_ message: String) -> String {
        guard let range = message.range(of: "See '"),
            let end = message[range.upperBound...].firstIndex(of: "'")
        else { return "lot --help" }
        return String(message[range.upperBound..<end])
    }
}

extension String {
    /// The first place of `text`, without Foundation.
    fileprivate func range(of text: String) -> Range<String.Index>? {
        var start = startIndex
        while start < endIndex {
            if self[start...].hasPrefix(text) {
                return start..<index(start, offsetBy: text.count)
            }
            start = index(after: start)
        }
        return nil
    }
}
