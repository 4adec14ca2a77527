/// A parsed JSON document; numbers keep their text, objects their order.
public enum JSONValue: Equatable, Sendable {
    /// `null`
    case null
    /// `true` or `false`
    case bool(Bool)
    /// A number as it was written.
    case number(String)
    /// A text.
    case string(String)
    /// An array.
    case array([JSONValue])
    /// An object.
    case object([JSONMember])

    /// The value of a member; `nil` if this is no object or has none of the name.
    public subscript(name: String) -> JSONValue? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.name == name }?.value
    }

    /// The text of a string.
    public var text: String? {
        guard case .string(let text) = self else { return nil }
        return text
    }

    /// A whole number without fraction or exponent.
    public var integer: Int64? {
        guard case .number(let text) = self else { return nil }
        return Int64(text)
    }

    /// A number as the nearest double; `nil` if this is none or beyond all doubles.
    public var double: Double? {
        guard case .number(let text) = self, let value = Double(text), value.isFinite else {
            return nil
        }
        return value
    }

    /// A truth value.
    public var flag: Bool? {
        guard case .bool(let flag) = self else { return nil }
        return flag
    }

    /// The members of an object, in their order.
    public var members: [JSONMember]? {
        guard case .object(let members) = self else { return nil }
        return members
    }

    /// The elements of an array.
    public var elements: [JSONValue]? {
        guard case .array(let elements) = self else { return nil }
        return elements
    }
}

/// A name and its value.
public struct JSONMember: Equatable, Sendable {
    /// The name.
    public let name: String
    /// The value.
    public let value: JSONValue
}

/// Why a text is not acceptable JSON, and the byte where it stops being so.
public struct JSONError: Error, Equatable {
    /// The byte where it stops being JSON.
    public let offset: Int
    /// Why, in words.
    public let reason: String
}
