import Foundation

/// A text file of the repository.
struct SourceFile {
    /// Path below the root.
    let path: String
    /// Lines as they are.
    let lines: [String]
    /// Lines with comments and the contents of string literals blanked out.
    let code: [String]

    /// The folder below `Sources` or `Tests`.
    var target: String {
        let parts = path.split(separator: "/")
        return parts.count > 2 ? String(parts[1]) : ""
    }
}

/// The files of the repository, read from disk.
enum SourceTree {
    /// The package's root: three folders above this file.
    static let root = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    static let swift = files(below: ["Sources", "Tests"], ["swift"])
    static let sources = swift.filter { $0.path.hasPrefix("Sources/") }
    static let c = files(below: ["Sources"], ["c", "cpp", "h"])
    static let documents = files(below: ["docs"], ["md"]) + topLevel(["md"])

    /// Returns files with one of the extensions, sorted by path.
    static func files(below folders: [String], _ extensions: [String]) -> [SourceFile] {
        let paths = folders.flatMap { folder -> [String] in
            let base = root.appending(path: folder).path
            let names = FileManager.default.enumerator(atPath: base)?.allObjects ?? []
            return names.compactMap { $0 as? String }.map { folder + "/" + $0 }
        }
        return read(paths, extensions)
    }

    static func topLevel(_ extensions: [String]) -> [SourceFile] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: root.path)) ?? []
        return read(names, extensions)
    }

    static func exists(_ path: String) -> Bool {
        FileManager.default.fileExists(atPath: root.appending(path: path).path)
    }

    static func text(_ path: String) -> String? {
        try? String(contentsOf: root.appending(path: path), encoding: .utf8)
    }

    private static func read(_ paths: [String], _ extensions: [String]) -> [SourceFile] {
        paths.sorted().compactMap { path in
            guard extensions.contains(URL(filePath: path).pathExtension),
                let text = text(path)
            else { return nil }
            var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
            if lines.last == "" { lines.removeLast() }
            let isCode = !path.hasSuffix(".md")
            return SourceFile(
                path: path, lines: lines.map(String.init),
                code: isCode ? CodeBlanker.blank(text) : [])
        }
    }
}

/// Blanks out comments and string literals, so that rules see only code.
struct CodeBlanker {
    private enum State {
        case code
        case lineComment
        case blockComment(Int)
        /// A string that ends with these characters.
        case string([Character])
    }

    static func blank(_ text: String) -> [String] {
        var blanker = CodeBlanker(characters: Array(text))
        return blanker.run()
    }

    private let characters: [Character]
    private var index = 0
    private var state = State.code
    private var line = ""
    private var lines: [String] = []

    private init(characters: [Character]) {
        self.characters = characters
    }

    private mutating func run() -> [String] {
        while index < characters.count {
            let character = characters[index]
            if character.isNewline {
                if case .lineComment = state { state = .code }
                lines.append(line)
                line = ""
                index += 1
            } else {
                step(character)
            }
        }
        if !line.isEmpty { lines.append(line) }
        return lines
    }

    private mutating func step(_ character: Character) {
        switch state {
        case .code: code(character)
        case .lineComment: index += 1
        case .blockComment(let depth):
            if starts("/*") {
                state = .blockComment(depth + 1)
                index += 2
            } else if starts("*/") {
                state = depth == 1 ? .code : .blockComment(depth - 1)
                index += 2
            } else {
                index += 1
            }
        case .string(let end):
            let isRaw = end.contains("#")
            if character == "\\", !isRaw {
                index += 2
            } else if starts(String(end)) {
                line += "\""
                index += end.count
                state = .code
            } else {
                index += 1
            }
        }
    }

    private mutating func code(_ character: Character) {
        if starts("//") {
            state = .lineComment
        } else if starts("/*") {
            state = .blockComment(1)
            index += 2
        } else if starts("#\"") {
            open(["\"", "#"], 2)
        } else if starts("\"\"\"") {
            open(["\"", "\"", "\""], 3)
        } else if character == "\"" {
            open(["\""], 1)
        } else if character == "`" {
            let end = characters[(index + 1)...].firstIndex(of: "`") ?? characters.count - 1
            line += "name"
            index = end + 1
        } else {
            line.append(character)
            index += 1
        }
    }

    private mutating func open(_ end: [Character], _ length: Int) {
        line += "\""
        state = .string(end)
        index += length
    }

    private func starts(_ text: String) -> Bool {
        var at = index
        for character in text {
            guard at < characters.count, characters[at] == character else { return false }
            at += 1
        }
        return true
    }
}
