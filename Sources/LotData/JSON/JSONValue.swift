/// A parsed JSON document; numbers keep their text, objects their order.
enum JSONValue: Equatable, Sendable {
    case null
    case bool(Bool)
    case number(String)
    case string(String)
    case array([JSONValue])
    case object([JSONMember])

    /// The value of a member; `nil` if this is no object or has none of the name.
    subscript(name: String) -> JSONValue? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.name == name }?.value
    }

    /// The text of a string.
    var text: String? {
        guard case .string(let text) = self else { return nil }
        return text
    }

    /// A whole number without fraction or exponent.
    var integer: Int64? {
        guard case .number(let text) = self else { return nil }
        return Int64(text)
    }

    /// The elements of an array.
    var elements: [JSONValue]? {
        guard case .array(let elements) = self else { return nil }
        return elements
    }
}

/// A name and its value.
struct JSONMember: Equatable, Sendable {
    let name: String
    let value: JSONValue
}

/// Why a text is not acceptable JSON, and the byte where it stops being so.
struct JSONError: Error, Equatable {
    let offset: Int
    let reason: String
}
