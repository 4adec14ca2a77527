import ArgumentParser
import LotCore

/// What the argument parser complains of, put into the form of our own messages.
///
/// Its sentences quote what is at fault: `Unknown option '--dta'. Did you mean '--data'?` becomes
/// `--dta: unknown option; did you mean --data? see lot backtest --help`.
struct ParserComplaint {
    private let message: String

    /// The parser's error as a usage error, with the help command that the parser names at the end
    /// of its own message.
    static func diagnosis(_ error: any Error) -> Diagnosis {
        let message = LotCommand.fullMessage(for: error)
        var help = "lot --help"
        if let range = message.range(of: "See '"),
            let end = message[range.upperBound...].firstIndex(of: "'")
        {
            help = String(message[range.upperBound..<end])
        }
        return ParserComplaint(LotCommand.message(for: error)).diagnosis(help: help)
    }

    /// Takes the parser's message; only its first line counts.
    init(_ message: String) {
        self.message = message.split(separator: "\n").first.map(String.init) ?? "bad arguments"
    }

    /// The complaint as a usage error that points at `help`.
    func diagnosis(help: String) -> Diagnosis {
        let quoted = quotedParts
        let hint = "see \(help)"
        if message.hasPrefix("--"), let space = message.firstIndex(of: " ") {
            // A check of our own that names its flag first: "--script-time takes 1 to 10".
            let reason = text(String(message[message.index(after: space)...]))
            return usage(String(message[..<space]), reason, hint: hint)
        }
        guard let first = quoted.first else { return usage("arguments", text(message), hint: hint) }
        let flag = flagName(first)
        if message.hasPrefix("Unknown option") {
            let near = quoted.count > 1 ? "did you mean \(quoted[1])? " : ""
            return usage(text(first), "unknown option", hint: near + hint)
        }
        if message.hasPrefix("Missing value for") {
            return usage(flag, "needs a value", hint: hint)
        }
        if message.hasPrefix("Missing expected argument") {
            return usage(flag, "missing", hint: hint)
        }
        if message.hasPrefix("The value"), quoted.count > 1 {
            return usage(
                flagName(quoted[1]), "\"\(escaped(first))\" is not a value it takes", hint: hint)
        }
        if message.hasPrefix("The option"), message.contains("not take any value") {
            let value = quoted.count > 1 ? ", here is \"\(escaped(quoted[1]))\"" : ""
            return usage(flag, "takes no value" + value, hint: hint)
        }
        if message.contains("nexpected argument") {
            let near = ParserComplaint.command(meantBy: first, help: help)
                .map { "did you mean \"\($0)\"? " }
            return usage(text(first), "unexpected argument", hint: (near ?? "") + hint)
        }
        return usage("arguments", text(message), hint: hint)
    }

    /// The command that a word means which is none where it stands: `lot explain` for the word of
    /// `lot report explain`, and `backtest` for `bakctest`.
    private static func command(meantBy word: String, help: String) -> String? {
        let all = CommandTree.root.all
        let elsewhere = all.filter { $0.path.last == word }
        guard elsewhere.isEmpty else {
            // Several commands are called list: none is meant more than another.
            let name = "lot " + elsewhere[0].path.joined(separator: " ")
            return elsewhere.count == 1 && help != name + " --help" ? name : nil
        }
        return nearest(to: word, in: all.compactMap(\.path.last))
    }

    /// `--data` of `--data <series>`, `<files>` of `<files> ...`.
    private func flagName(_ quoted: String) -> String {
        String(quoted.prefix { $0 != " " })
    }

    private func text(_ outside: String) -> String {
        escaped(outside.last == "." ? outside.dropLast() : outside[...], limit: 300)
    }

    /// What stands between single quotes, in order.
    private var quotedParts: [String] {
        message.split(separator: "'", omittingEmptySubsequences: false).enumerated()
            .filter { !$0.offset.isMultiple(of: 2) }.map { String($0.element) }
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
