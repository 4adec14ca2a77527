/// A value of a TOML document (TOML 1.0).
public enum TOMLValue: Equatable, Sendable {
    /// A text.
    case string(String)
    /// A whole number in decimal digits; it fits 64 bits.
    case integer(String)
    /// A number as it was written, without `_` and leading `+`; also `inf` and `nan`.
    case float(String)
    /// `true` or `false`.
    case boolean(Bool)
    /// A date, a time of day, or both, as it was written.
    case time(String)
    /// An array; of tables too.
    case array([TOMLValue])
    /// A table.
    case table(TOMLTable)
}

/// A table of a TOML document, its members in the order of the file.
public struct TOMLTable: Equatable, Sendable {
    /// The members.
    public var members: [TOMLMember]

    /// The value of a member; `nil` if there is none.
    public subscript(name: String) -> TOMLValue? { members.first { $0.name == name }?.value }
}

/// A key of a table, its value, and where it stands.
public struct TOMLMember: Equatable, Sendable {
    /// The key, without the keys of the tables around it.
    public let name: String
    /// Its value.
    public let value: TOMLValue
    /// The line of the key, from 1.
    public let line: Int
}

/// Why a text is no TOML, and where.
public struct TOMLError: Error, Equatable, Sendable {
    /// The line, from 1.
    public let line: Int
    /// The byte in the line, from 1.
    public let column: Int
    /// Why, in words.
    public let reason: String
}

/// A table while its document is read: what may still be added to it depends on how it was made.
final class TOMLBuilder {
    enum Kind {
        /// Named on the way to another table: `a` of `[a.b]`.
        case implicit
        /// Named by a header of its own.
        case header
        /// Made by dotted keys: `a` of `a.b = 1`.
        case dotted
    }

    enum Content {
        case value(TOMLValue)
        case table(TOMLBuilder)
        case tables([TOMLBuilder])
    }

    var kind: Kind
    private(set) var entries: [(name: String, content: Content, line: Int)] = []
    private var places: [String: Int] = [:]

    init(_ kind: Kind) {
        self.kind = kind
    }

    /// What a key holds, and the line that made it.
    func find(_ name: String) -> (content: Content, line: Int)? {
        places[name].map { (entries[$0].content, entries[$0].line) }
    }

    /// Gives a key its content, in the place of what it had.
    func set(_ name: String, _ content: Content, line: Int) {
        if let place = places[name] {
            entries[place].content = content
        } else {
            places[name] = entries.count
            entries.append((name, content, line))
        }
    }

    /// The finished table.
    var table: TOMLTable {
        TOMLTable(
            members: entries.map { entry in
                let value: TOMLValue =
                    switch entry.content {
                    case .value(let value): value
                    case .table(let builder): .table(builder.table)
                    case .tables(let builders): .array(builders.map { .table($0.table) })
                    }
                return TOMLMember(name: entry.name, value: value, line: entry.line)
            })
    }
}
