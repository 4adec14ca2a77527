/// What a JSON value may be: the part of JSON Schema (draft 2020-12) that our documents need.
indirect enum JSONShape: Sendable {
    /// Text; only one of `choices`, if there are any.
    case text(choices: [String] = [])
    /// A number.
    case number
    /// A whole number.
    case whole
    /// A whole number, 0 or more.
    case count
    /// `true` or `false`.
    case flag
    /// A number, a text or a flag.
    case scalar
    /// The shape, or `null` where it is undefined.
    case nullable(JSONShape)
    /// An array.
    case list(JSONShape)
    /// An object with names that are not known beforehand.
    case map(JSONShape)
    /// An object with these members and no others; required ones are always there.
    case object([JSONMember])

    /// Writes the members of the schema that describes the shape.
    func describe(into json: inout JSONWriter) {
        switch self {
        case .text(let choices):
            type(["string"], &json)
            guard !choices.isEmpty else { return }
            json.key("enum")
            json.array(inline: true) { json in
                for choice in choices { json.value(choice) }
            }
        case .number: type(["number"], &json)
        case .whole: type(["integer"], &json)
        case .count: atLeastZero(["integer"], &json)
        case .flag: type(["boolean"], &json)
        case .scalar: type(["number", "string", "boolean"], &json)
        case .nullable(let shape): JSONShape.describeNullable(shape, &json)
        case .list(let element):
            type(["array"], &json)
            json.key("items")
            json.object { element.describe(into: &$0) }
        case .map(let element):
            type(["object"], &json)
            json.key("additionalProperties")
            json.object { element.describe(into: &$0) }
        case .object(let members): JSONShape.describe(members, &json)
        }
    }

    private static func describeNullable(_ shape: JSONShape, _ json: inout JSONWriter) {
        switch shape {
        case .number: shape.type(["number", "null"], &json)
        case .whole: shape.type(["integer", "null"], &json)
        case .count: shape.atLeastZero(["integer", "null"], &json)
        case .text(let choices) where choices.isEmpty: shape.type(["string", "null"], &json)
        default:
            json.key("anyOf")
            json.array { json in
                json.object { shape.describe(into: &$0) }
                json.object { shape.type(["null"], &$0) }
            }
        }
    }

    private static func describe(_ members: [JSONMember], _ json: inout JSONWriter) {
        JSONShape.flag.type(["object"], &json)
        json.key("properties")
        json.object { json in
            for member in members {
                json.key(member.name)
                json.object { json in
                    json.key("description")
                    json.value(member.meaning)
                    member.shape.describe(into: &json)
                }
            }
        }
        json.key("required")
        json.array(inline: true) { json in
            for member in members where member.isRequired { json.value(member.name) }
        }
        json.key("additionalProperties")
        json.value(false)
    }

    /// `minimum` says nothing of `null`.
    private func atLeastZero(_ names: [String], _ json: inout JSONWriter) {
        type(names, &json)
        json.key("minimum")
        json.value(0)
    }

    private func type(_ names: [String], _ json: inout JSONWriter) {
        json.key("type")
        guard names.count > 1 else { return json.value(names.first) }
        json.array(inline: true) { json in
            for name in names { json.value(name) }
        }
    }
}

/// A member of an object: its name, what it means, and what it may be.
struct JSONMember: Sendable {
    var name: String
    var meaning: String
    var shape: JSONShape
    /// Whether every such object has it.
    var isRequired = true
}
