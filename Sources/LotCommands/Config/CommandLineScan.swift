/// What a command line sets, read before it is parsed: which options it gives, and with what.
///
/// It reads as the parser does: what begins with a dash is an option, and `--` ends them.
struct CommandLineScan {
    /// The options given, one setting each.
    private(set) var given: [Setting] = []
    /// The words for the parser: those given, without `--no-…` of flags.
    private(set) var words: [String] = []

    /// Reads the words after those of the command.
    init(_ arguments: [String], options: [OptionInfo]) {
        var rest = arguments[...]
        while let word = rest.popFirst() {
            if word == "--" {
                words += [word] + rest
                break
            }
            if take(off: word, options) { continue }
            words.append(word)
            guard word.hasPrefix("-"), word.utf8.count > 1 else { continue }
            let name = String(word.prefix { $0 != "=" })
            guard let option = options.first(where: { $0.names.contains(name) }) else {
                if !word.hasPrefix("--") { shortFlags(word, options) }
                continue
            }
            var values = option.isFlag ? ["true"] : []
            if name.utf8.count < word.utf8.count {
                values = [String(word.dropFirst(name.count + 1))]
            } else if !option.isFlag {
                values = CommandLineScan.values(&rest, option)
                words += values
            }
            set(option, values, name)
        }
    }

    /// The words that an option takes as its values.
    private static func values(
        _ rest: inout ArraySlice<String>, _ option: OptionInfo
    ) -> [String] {
        var values: [String] = []
        while let next = rest.first, !next.hasPrefix("-") || next.utf8.count == 1,
            values.isEmpty || option.takesRest
        {
            values.append(next)
            rest = rest.dropFirst()
        }
        return values
    }

    /// `--no-report` takes back a flag that is set elsewhere.
    private mutating func take(off word: String, _ options: [OptionInfo]) -> Bool {
        guard word.hasPrefix("--no-"), !options.contains(where: { $0.names.contains(word) }),
            let option = options.first(where: {
                $0.isFlag && $0.names.contains("--" + word.dropFirst(5))
            })
        else { return false }
        set(option, ["false"], word)
        return true
    }

    /// `-qv` is `-q -v`.
    private mutating func shortFlags(_ word: String, _ options: [OptionInfo]) {
        for letter in word.dropFirst() {
            guard let option = options.first(where: { $0.names.contains("-\(letter)") }) else {
                return
            }
            set(option, ["true"], "-\(letter)")
        }
    }

    private mutating func set(_ option: OptionInfo, _ values: [String], _ name: String) {
        if let index = given.firstIndex(where: { $0.key == option.key }) {
            given[index].values += option.isRepeating ? values : []
        } else {
            given.append(
                Setting(section: [], key: option.key, values: values, origin: .flag(name: name)))
        }
    }
}
