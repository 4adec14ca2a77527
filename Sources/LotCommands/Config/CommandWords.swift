/// Words of a command line, before anybody parses them.
enum CommandWords {
    /// The words with the two forms that the parser does not know written as it does.
    ///
    /// `-j2` becomes `-j 2`, as for make. A negative number becomes part of its flag: the parser
    /// takes whatever begins with a dash for an option, but none is called by a number. So
    /// `--trials -5` is `--trials=-5`, and `--parameter shift -5 5 1` one value, `shift -5 5 1`.
    static func normalised(_ arguments: [String]) -> [String] {
        var words: [String] = []
        var rest = arguments[...]
        while let word = rest.popFirst() {
            if word == "--" { return words + [word] + rest }
            if word == "--parameter" {
                let values = rest.prefix { !$0.hasPrefix("-") || isNegative($0) }
                rest = rest.dropFirst(values.count)
                let isPlain = !values.contains(where: isNegative)
                words += [word] + (isPlain ? Array(values) : [values.joined(separator: " ")])
            } else if isNegative(word), let flag = words.last, takesNumber(flag) {
                words[words.count - 1] = flag + "=" + word
            } else if word.hasPrefix("-j"), parseWhole(word.dropFirst(2)) != nil,
                words.last != "--sbatch-arg"
            {
                words += ["-j", String(word.dropFirst(2))]
            } else {
                words.append(word)
            }
        }
        return words
    }

    private static func isNegative(_ word: String) -> Bool {
        word.hasPrefix("-") && parseDecimal(word) != nil
    }

    /// Whether a word may be an option that has no value yet.
    private static func takesNumber(_ word: String) -> Bool {
        word.hasPrefix("-") && word.utf8.count > 1 && !word.contains("=") && !isNegative(word)
    }

    /// The words without some options; what stands behind `--` is kept.
    ///
    /// - Parameters:
    ///   - words: Words of a command line.
    ///   - valued: Options that have a value, in the same word or the next.
    ///   - flags: Options that have none.
    /// - Returns: The other words, in their order.
    static func without(
        _ words: [String], valued: Set<String>, flags: Set<String> = []
    ) -> [String] {
        var kept: [String] = []
        var rest = words[...]
        while let word = rest.popFirst() {
            if word == "--" { return kept + [word] + rest }
            if flags.contains(word) { continue }
            if valued.contains(String(word.prefix { $0 != "=" })) {
                if !word.contains("=") { rest = rest.dropFirst() }
            } else {
                kept.append(word)
            }
        }
        return kept
    }
}
