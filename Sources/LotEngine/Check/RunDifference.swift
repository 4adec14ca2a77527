import LotCore

/// The first thing that two runs of one strategy did differently.
public struct RunDifference: Sendable, Hashable {
    /// When: a bar's close for decisions, its open for fills (milliseconds since the epoch).
    public var time: Int64
    /// What differs: `order`, `trade`, `equity` or `log`.
    public var what: String
    /// What the run over all the data did; `nothing` if it did nothing.
    public var expected: String
    /// What the other run did.
    public var found: String

    /// Describes a difference.
    public init(time: Int64, what: String, expected: String?, found: String?) {
        self.time = time
        self.what = what
        self.expected = expected ?? "nothing"
        self.found = found ?? "nothing"
    }

    /// The earliest of several; of those at one time the first.
    static func first(_ found: [RunDifference?]) -> RunDifference? {
        found.compactMap(\.self).enumerated()
            .min { ($0.element.time, $0.offset) < ($1.element.time, $1.offset) }?.element
    }
}
