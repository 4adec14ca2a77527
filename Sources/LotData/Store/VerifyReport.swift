public import LotCore

/// What `lot data verify` found.
public struct VerifyReport: Sendable {
    /// Problems that are kept with their texts; all are counted.
    public static let maxProblems = 100

    /// The series.
    public let address: DatasetAddress
    /// Rows committed; 0 where that could not be read.
    public internal(set) var rows = 0
    /// Open time of the first row.
    public internal(set) var firstTime: Int64?
    /// Open time of the last row.
    public internal(set) var lastTime: Int64?
    /// Holes, oldest first; they are no problem in themselves.
    public internal(set) var gaps: [Gap] = []
    /// What is wrong, in the order found; at most ``maxProblems``.
    public internal(set) var problems: [Diagnosis] = []
    /// How many things are wrong.
    public internal(set) var problemCount = 0
    /// What is allowed but worth knowing, such as an unfinished append.
    public internal(set) var notes: [String] = []

    /// Whether nothing is wrong.
    public var isClean: Bool { problemCount == 0 }

    /// The exit code of the command: 0, or 65 if anything is wrong.
    public var exitCode: Int32 { isClean ? 0 : ExitCode.data.rawValue }

    mutating func add(_ problem: Diagnosis) {
        problemCount += 1
        if problems.count < VerifyReport.maxProblems { problems.append(problem) }
    }
}
