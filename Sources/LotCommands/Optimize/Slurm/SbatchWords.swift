import LotCore

/// Words of the user for `sbatch`, checked: what `lot` itself relies on cannot be set.
///
/// Words are never parsed by a shell. Each must be an option with its value in the same word,
/// because a word without a dash would be taken for the script.
enum SbatchWords {
    private static let taken = [
        "array", "parsable", "wait", "wrap", "output", "error", "input", "open-mode", "chdir",
        "clusters", "test-only", "help", "usage", "version",
    ]
    private static let takenLetters: Set<Character> = Set("aWoeiDMhVu")
    /// Letters that stand alone; those after them are further options.
    private static let letterFlags: Set<Character> = Set("HkOQsvI")

    /// Looks at all of them.
    ///
    /// - Throws: 64 for a word that is no option, or one of ours.
    static func check(_ words: [String]) throws(Diagnosis) {
        for word in words { try check(word) }
    }

    private static func check(_ word: String) throws(Diagnosis) {
        guard word.hasPrefix("-"), word != "-", word != "--",
            word.unicodeScalars.allSatisfy({ $0.value >= 32 && $0.value != 127 })
        else {
            throw usage(
                "--sbatch-arg", "\"\(escaped(word))\" is no option of sbatch",
                hint: "an option with its value in one word: --sbatch-arg=--partition=main")
        }
        var isTaken = false
        if word.hasPrefix("--") {
            // sbatch takes the beginning of a name for the name.
            let name = word.dropFirst(2).prefix { $0 != "=" }
            isTaken = taken.contains { $0.hasPrefix(name) }
        } else {
            let letters = word.dropFirst().drop { letterFlags.contains($0) }
            isTaken = letters.first.map(takenLetters.contains) ?? false
        }
        guard !isTaken else {
            throw usage(
                "--sbatch-arg", "\"\(escaped(word))\" is what lot sets itself",
                hint: "leave it out")
        }
    }
}
