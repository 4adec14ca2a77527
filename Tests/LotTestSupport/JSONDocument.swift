import Foundation

/// Any JSON value, as parsed.
public enum JSONDocument: Sendable, Equatable, Decodable {
    /// `null`.
    case null
    /// `true` or `false`.
    case flag(Bool)
    /// A number.
    case number(Double)
    /// A text.
    case text(String)
    /// An array.
    case list([JSONDocument])
    /// An object.
    case object([String: JSONDocument])

    /// Parses a document.
    public init(_ bytes: some Sequence<UInt8>) throws {
        self = try JSONDecoder().decode(JSONDocument.self, from: Data(bytes))
    }

    /// Takes what the decoder found.
    public init(from decoder: any Decoder) throws {
        let value = try decoder.singleValueContainer()
        if value.decodeNil() {
            self = .null
        } else if let flag = try? value.decode(Bool.self) {
            self = .flag(flag)
        } else if let number = try? value.decode(Double.self) {
            self = .number(number)
        } else if let text = try? value.decode(String.self) {
            self = .text(text)
        } else if let list = try? value.decode([JSONDocument].self) {
            self = .list(list)
        } else {
            self = .object(try value.decode([String: JSONDocument].self))
        }
    }

    /// The member called `name`, `nil` where there is none.
    public subscript(name: String) -> JSONDocument? {
        if case .object(let members) = self { members[name] } else { nil }
    }

    /// The elements of an array, nothing of other values.
    public var elements: [JSONDocument] {
        if case .list(let elements) = self { elements } else { [] }
    }

    /// The text, `nil` of other values.
    public var string: String? {
        if case .text(let text) = self { text } else { nil }
    }
}

/// Checks documents against a JSON Schema: the words of draft 2020-12 that our schema uses.
///
/// A word of the schema that is not known is an error, so that nothing is silently not checked.
public struct SchemaValidator {
    private let schema: JSONDocument
    private static let notes: Set<String> = ["$schema", "$id", "title", "description"]

    /// A validator for a parsed schema.
    public init(_ schema: JSONDocument) {
        self.schema = schema
    }

    /// Returns what is wrong with a document, each with its path; empty if it is valid.
    public func problems(_ document: JSONDocument) -> [String] {
        check(document, schema, "$")
    }

    private func check(_ value: JSONDocument, _ schema: JSONDocument, _ path: String) -> [String] {
        guard case .object(let words) = schema else { return ["\(path): schema is no object"] }
        var found: [String] = []
        for (word, rule) in words where !SchemaValidator.notes.contains(word) {
            switch word {
            case "type": found += type(value, rule, path)
            case "enum":
                if !rule.elements.contains(value) { found.append("\(path): not in enum") }
            case "anyOf":
                let fits = rule.elements.contains { check(value, $0, path).isEmpty }
                if !fits { found.append("\(path): fits none of anyOf") }
            case "items":
                for (index, element) in value.elements.enumerated() {
                    found += check(element, rule, "\(path)[\(index)]")
                }
            case "required":
                for name in rule.elements.compactMap(\.string) where value[name] == nil {
                    if case .object = value { found.append("\(path): no \(name)") }
                }
            case "minimum":
                if case .number(let number) = value, case .number(let least) = rule, number < least
                {
                    found.append("\(path): below \(least)")
                }
            case "properties", "additionalProperties": break
            default: found.append("\(path): unknown word \(word)")
            }
        }
        return found + members(value, words, path)
    }

    private func members(
        _ value: JSONDocument, _ words: [String: JSONDocument], _ path: String
    ) -> [String] {
        guard case .object(let members) = value else { return [] }
        var found: [String] = []
        for (name, member) in members {
            if let rule = words["properties"]?[name] {
                found += check(member, rule, "\(path).\(name)")
            } else if words["additionalProperties"] == .flag(false) {
                found.append("\(path): unknown member \(name)")
            } else if let rule = words["additionalProperties"] {
                found += check(member, rule, "\(path).\(name)")
            }
        }
        return found
    }

    private func type(_ value: JSONDocument, _ rule: JSONDocument, _ path: String) -> [String] {
        let names = rule.string.map { [$0] } ?? rule.elements.compactMap(\.string)
        let isOne = names.contains { name in
            switch (name, value) {
            case ("null", .null), ("boolean", .flag), ("number", .number), ("string", .text),
                ("array", .list), ("object", .object):
                true
            case ("integer", .number(let number)): number == number.rounded()
            default: false
            }
        }
        return isOne ? [] : ["\(path): not \(names.joined(separator: " or "))"]
    }
}
