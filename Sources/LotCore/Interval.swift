/// The length of a bar.
///
/// A month is not an interval: its length varies. Weeks start on Monday 00:00 UTC.
public struct Interval: Sendable, Hashable, CustomStringConvertible {
    /// Length in milliseconds.
    public let milliseconds: Int64
    /// The exchange's spelling: `1m`, `4h`, `1w`.
    public let name: String

    /// Every interval `lot` stores, shortest first.
    public static let all: [Interval] = [
        Interval(1_000, "1s"), Interval(minutes: 1, "1m"), Interval(minutes: 3, "3m"),
        Interval(minutes: 5, "5m"), Interval(minutes: 15, "15m"), Interval(minutes: 30, "30m"),
        Interval(minutes: 60, "1h"), Interval(minutes: 120, "2h"), Interval(minutes: 240, "4h"),
        Interval(minutes: 360, "6h"), Interval(minutes: 480, "8h"), Interval(minutes: 720, "12h"),
        Interval(minutes: 1_440, "1d"), Interval(minutes: 4_320, "3d"),
        Interval(minutes: 10_080, "1w"),
    ]

    /// Finds an interval by its name, or returns `nil`.
    public init?(_ name: String) {
        guard let found = Interval.all.first(where: { $0.name == name }) else { return nil }
        self = found
    }

    private init(_ milliseconds: Int64, _ name: String) {
        self.milliseconds = milliseconds
        self.name = name
    }

    private init(minutes: Int64, _ name: String) {
        self.init(minutes * 60_000, name)
    }

    /// The interval's name.
    public var description: String { name }

    /// Where the grid of open times starts, in milliseconds since the epoch.
    ///
    /// The epoch was a Thursday: weeks start on Monday 1970-01-05.
    public var gridOrigin: Int64 { name == "1w" ? 345_600_000 : 0 }

    /// Returns whether `time` (milliseconds since the epoch) is an open time of this interval.
    public func isOnGrid(_ time: Int64) -> Bool {
        (time - gridOrigin) % milliseconds == 0
    }
}
