/// Finds functions and counts their lines by matching braces.
enum FunctionLengths {
    struct Function: Equatable {
        let name: String
        /// Line of the declaration, from 1.
        let line: Int
        /// Lines from the declaration to the closing brace.
        let length: Int
    }

    /// Returns every function, initialiser and subscript with a body, in blanked code.
    static func find(_ code: [String]) -> [Function] {
        code.indices.compactMap { index in
            guard let name = declaration(code[index]),
                let end = endOfBody(code, from: index)
            else { return nil }
            return Function(name: name, line: index + 1, length: end - index + 1)
        }
    }

    private static func declaration(_ line: String) -> String? {
        let words = line.split { !$0.isLetter && !$0.isNumber && $0 != "_" && $0 != "." }
        guard let at = words.firstIndex(where: { keywords.contains($0) }),
            words[..<at].allSatisfy({ modifiers.contains($0) || $0.first?.isUppercase == true })
        else { return nil }
        let isFunction = words[at] == "func"
        return isFunction && at + 1 < words.count ? String(words[at + 1]) : String(words[at])
    }

    private static let keywords: Set<Substring> = ["func", "init", "subscript", "deinit"]
    private static let modifiers: Set<Substring> = [
        "public", "private", "fileprivate", "internal", "package", "static", "mutating", "override",
        "final", "convenience", "required", "consuming", "borrowing", "nonisolated", "inlinable",
        "inline", "__always", "never", "usableFromInline", "discardableResult", "safe", "unsafe",
        "arguments", "isolated",
    ]

    /// The line of the brace that closes the body; `nil` if the declaration has none.
    private static func endOfBody(_ code: [String], from start: Int) -> Int? {
        var parentheses = 0
        var braces = 0
        for index in start..<code.count {
            if index > start, braces == 0, parentheses == 0, declaration(code[index]) != nil {
                return nil
            }
            for character in code[index] {
                switch character {
                case "(", "[": parentheses += 1
                case ")", "]": parentheses -= 1
                case "{" where braces > 0 || parentheses == 0: braces += 1
                case "}" where braces == 0 && parentheses == 0: return nil
                case "}" where braces > 0:
                    braces -= 1
                    if braces == 0 { return index }
                default: break
                }
            }
        }
        return nil
    }
}
