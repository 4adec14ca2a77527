import LotCore

/// The folder a user works in: `datasets/`, `reports/`, `strategies/` lie below it.
public struct Workspace: Sendable, Hashable {
    /// The folder's path, as the caller resolved it.
    public let root: String

    /// Names a workspace; nothing is opened or created.
    public init(root: String) {
        self.root = root
    }

    /// The folder of the stored series.
    public var datasets: String { root.hasSuffix("/") ? root + "datasets" : root + "/datasets" }

    /// The store of the workspace's series.
    public var store: KlineStore { KlineStore(root: datasets) }
}

/// Returns the diagnosis of a failed system call on stored or imported files.
///
/// - Parameters:
///   - code: The `errno`.
///   - subject: The file or folder, as the user knows it.
///   - doing: What was tried, for example `reading`.
/// - Returns: What it means for the user.
func systemDiagnosis(_ code: Int32, subject: String, doing: String) -> Diagnosis {
    let problem = SystemProblem(code)
    return Diagnosis(
        problem.exit, kind: "file." + problem.name, subject: subject,
        reason: "\(doing) failed: \(problem.reason)", hint: problem.hint)
}
