public import LotCore

/// How files are imported.
public struct ImportOptions: Sendable {
    /// Whether a row may take the place of a stored one with other values.
    public var replace: Bool
    /// Which column of a CSV file is which, such as `time=ts,volume=vol`; `nil` goes by the names.
    public var columns: String?
    /// Bars that are not closed at this time (milliseconds since the epoch) are refused; `nil`
    /// does not check, so that a result never depends on the clock unless the caller says so.
    public var now: Int64?

    /// Makes options; the defaults replace nothing and map nothing.
    public init(replace: Bool = false, columns: String? = nil, now: Int64? = nil) {
        self.replace = replace
        self.columns = columns
        self.now = now
    }
}

/// What an import did.
public struct ImportReport: Sendable, Equatable {
    /// The series.
    public var address: DatasetAddress
    /// What was read, in the order of time.
    public var files: [SeriesSource]
    /// Rows in the files; a row that two files share counts twice.
    public var rowsRead: Int
    /// What the commit did.
    public var outcome: CommitOutcome
    /// Open time of the series' first row.
    public var firstTime: Int64
    /// Open time of the series' last row.
    public var lastTime: Int64
    /// The series' holes, oldest first.
    public var gaps: [Gap]
    /// Files whose `.CHECKSUM` was there and matched.
    public var checksumsVerified: Int
}
