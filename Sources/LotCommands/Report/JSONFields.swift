import LotCore
import LotData

/// Reads the members of a JSON object one by one and complains of what is left over: a member that
/// this version does not know may change what the rest means.
struct JSONFields {
    private let value: JSONValue
    private let subject: String
    private let place: String
    private var known: Set<String> = []

    /// Reads an object of a file.
    ///
    /// - Parameters:
    ///   - value: The object.
    ///   - place: What the object is called, for messages: `inputs.settings`.
    ///   - subject: The file, for messages.
    /// - Throws: 65 if it is no object.
    init(_ value: JSONValue?, place: String, subject: String) throws(Diagnosis) {
        self.place = place
        self.subject = subject
        guard let value, value.members != nil else {
            throw JSONFields.bad(subject, place, "is missing or no object")
        }
        self.value = value
    }

    private static func bad(_ subject: String, _ place: String, _ reason: String) -> Diagnosis {
        Diagnosis(
            .data, kind: "manifest", subject: subject, place: place, reason: reason,
            hint: "it was written by another version of lot, or damaged; run the backtest again")
    }

    /// Whether there is a member of the name: some are left out where they say nothing.
    func has(_ name: String) -> Bool { value[name] != nil }

    /// The member, whatever it is.
    mutating func any(_ name: String) throws(Diagnosis) -> JSONValue {
        known.insert(name)
        guard let member = value[name] else {
            throw JSONFields.bad(subject, place + "." + name, "is missing")
        }
        return member
    }

    mutating func text(_ name: String) throws(Diagnosis) -> String {
        try read(name, "a text") { $0.text }
    }

    mutating func number(_ name: String) throws(Diagnosis) -> Double {
        try read(name, "a number") { $0.double }
    }

    mutating func whole(_ name: String) throws(Diagnosis) -> Int64 {
        try read(name, "a whole number") { $0.integer }
    }

    mutating func flag(_ name: String) throws(Diagnosis) -> Bool {
        try read(name, "true or false") { $0.flag }
    }

    /// A number or `null`.
    mutating func optionalNumber(_ name: String) throws(Diagnosis) -> Double? {
        try any(name) == .null ? nil : try number(name)
    }

    /// A text that `make` understands.
    mutating func parsed<Value>(
        _ name: String, _ make: (String) -> Value?
    ) throws(Diagnosis) -> Value {
        let text = try text(name)
        guard let value = make(text) else {
            throw JSONFields.bad(
                subject, place + "." + name, "\"\(escaped(text))\" is not known")
        }
        return value
    }

    /// The object that a member holds.
    mutating func object(_ name: String) throws(Diagnosis) -> JSONFields {
        try JSONFields(try any(name), place: place + "." + name, subject: subject)
    }

    /// Checks that every member has been read.
    func end() throws(Diagnosis) {
        for member in value.members ?? [] where !known.contains(member.name) {
            throw JSONFields.bad(
                subject, place + "." + escaped(member.name), "is not known to lot \(lotVersion)")
        }
    }

    private mutating func read<Value>(
        _ name: String, _ kind: String, _ take: (JSONValue) -> Value?
    ) throws(Diagnosis) -> Value {
        guard let value = take(try any(name)) else {
            throw JSONFields.bad(subject, place + "." + name, "is not \(kind)")
        }
        return value
    }
}
