/// A member of a JSON object made from a `Value`: how it is described and how it is written.
///
/// One list of fields makes both a document and its published schema, so the two cannot differ.
struct JSONField<Value>: Sendable {
    let member: JSONMember
    /// The name as it stands in the document.
    let key: [UInt8]
    let write: @Sendable (Value, inout JSONWriter) -> Void
    /// Whether a value has it; what only few have is left out of the others.
    let isPresent: @Sendable (Value) -> Bool

    init(
        _ name: String, _ meaning: String, _ shape: JSONShape,
        write: @escaping @Sendable (Value, inout JSONWriter) -> Void
    ) {
        member = JSONMember(name: name, meaning: meaning, shape: shape)
        key = JSONWriter.encoded(key: name)
        self.write = write
        isPresent = { _ in true }
    }

    /// A member that only some values have.
    static func some<Part>(
        _ name: String, _ meaning: String, _ object: JSONObject<Part>,
        _ get: @escaping @Sendable (Value) -> Part?
    ) -> Self {
        Self(
            JSONMember(name: name, meaning: meaning, shape: object.shape, isRequired: false),
            isPresent: { get($0) != nil }
        ) { value, json in
            if let part = get(value) { object.write(part, into: &json) }
        }
    }

    private init(
        _ member: JSONMember, isPresent: @escaping @Sendable (Value) -> Bool,
        write: @escaping @Sendable (Value, inout JSONWriter) -> Void
    ) {
        self.member = member
        key = JSONWriter.encoded(key: member.name)
        self.write = write
        self.isPresent = isPresent
    }

    static func text(
        _ name: String, _ meaning: String, choices: [String] = [],
        _ get: @escaping @Sendable (Value) -> String
    ) -> Self {
        Self(name, meaning, .text(choices: choices)) { $1.value(get($0)) }
    }

    static func optionalText(
        _ name: String, _ meaning: String, _ get: @escaping @Sendable (Value) -> String?
    ) -> Self {
        Self(name, meaning, .nullable(.text())) { $1.value(get($0)) }
    }

    static func number(
        _ name: String, _ meaning: String, _ get: @escaping @Sendable (Value) -> Double
    ) -> Self {
        Self(name, meaning, .number) { $1.value(get($0)) }
    }

    /// A number that is `null` where it is `nil` or not finite.
    static func optional(
        _ name: String, _ meaning: String, _ get: @escaping @Sendable (Value) -> Double?
    ) -> Self {
        Self(name, meaning, .nullable(.number)) { $1.value(get($0)) }
    }

    static func count(
        _ name: String, _ meaning: String, _ get: @escaping @Sendable (Value) -> Int
    ) -> Self {
        Self(name, meaning, .count) { $1.value(get($0)) }
    }

    /// Milliseconds since the epoch, UTC.
    static func time(
        _ name: String, _ meaning: String, _ get: @escaping @Sendable (Value) -> Int64
    ) -> Self {
        Self(name, meaning + "; milliseconds since 1970-01-01T00:00Z", .whole) {
            $1.value(get($0))
        }
    }

    static func optionalTime(
        _ name: String, _ meaning: String, _ get: @escaping @Sendable (Value) -> Int64?
    ) -> Self {
        Self(name, meaning + "; milliseconds since 1970-01-01T00:00Z", .nullable(.whole)) {
            $1.value(get($0))
        }
    }

    static func flag(
        _ name: String, _ meaning: String, _ get: @escaping @Sendable (Value) -> Bool
    ) -> Self {
        Self(name, meaning, .flag) { $1.value(get($0)) }
    }

    static func object<Part>(
        _ name: String, _ meaning: String, _ object: JSONObject<Part>, inline: Bool = false,
        _ get: @escaping @Sendable (Value) -> Part
    ) -> Self {
        Self(name, meaning, object.shape) { object.write(get($0), inline: inline, into: &$1) }
    }

    /// An array of objects, each on a line of its own.
    static func list<Elements: Sequence>(
        _ name: String, _ meaning: String, _ object: JSONObject<Elements.Element>,
        _ get: @escaping @Sendable (Value) -> Elements
    ) -> Self {
        Self(name, meaning, .list(object.shape)) { value, json in
            json.array { json in
                for element in get(value) { object.write(element, inline: true, into: &json) }
            }
        }
    }

    static func texts(
        _ name: String, _ meaning: String, _ get: @escaping @Sendable (Value) -> [String]
    ) -> Self {
        Self(name, meaning, .list(.text())) { value, json in
            json.array { json in
                for text in get(value) { json.value(text) }
            }
        }
    }
}

/// A JSON object made from a `Value`, member by member.
struct JSONObject<Value>: Sendable {
    let fields: [JSONField<Value>]

    init(_ fields: [JSONField<Value>]) { self.fields = fields }

    /// What the object may hold.
    var shape: JSONShape { .object(fields.map(\.member)) }

    /// Writes the object.
    func write(_ value: Value, inline: Bool = false, into json: inout JSONWriter) {
        json.object(inline: inline) { members(of: value, into: &$0) }
    }

    /// Writes the members alone.
    func members(of value: Value, into json: inout JSONWriter) {
        for field in fields where field.isPresent(value) {
            json.key(encoded: field.key)
            field.write(value, &json)
        }
    }
}
