import LotCore
import LotData
import LotReport
import LotStore

/// The runs that `lot.db` knows and those that lie in `reports/`, brought together: folders are
/// the truth, and the database remembers those that are gone.
struct RunList {
    /// A run of the list.
    struct Entry {
        let record: RunRecord
        /// Whether its folder is not there any more, or holds no run.
        let isMissing: Bool
        /// Its name in the list: the folder's in `reports/`, else the folder's path.
        let name: String

        /// Its parameters, in the script's order, as they are written on a command line.
        var parameters: [(String, String)] {
            Entry.members(record.parameters).map { member in
                switch member.value {
                case .string(let text), .number(let text): (member.name, text)
                case .bool(let flag): (member.name, String(flag))
                default: (member.name, "")
                }
            }
        }

        /// Its metrics, in the order of the report.
        var metrics: [MetricValue] {
            Entry.members(record.metrics).map { MetricValue($0.name, $0.value.double) }
        }

        /// One of its metrics; `nil` if it is undefined.
        func metric(_ key: String) -> Double? {
            switch key {
            case "total_return": record.main.totalReturn
            case "sharpe": record.main.sharpe
            case "max_drawdown": record.main.maxDrawdown
            case "trades": record.main.trades
            default: metrics.first { $0.key == key }?.value
            }
        }

        private static func members(_ text: String) -> [JSONMember] {
            (try? JSONReader.parse(Array(text.utf8)))?.members ?? []
        }
    }

    /// The runs, in no order.
    private(set) var entries: [Entry] = []
    /// Why the database cannot be used; `nil` if it can.
    private(set) var problem: Diagnosis?

    private let root: String
    private let reports: String
    private var fresh: [RunRecord] = []
    private var moved: [RunRecord] = []

    /// Reads the database and looks at the folders.
    ///
    /// - Parameters:
    ///   - workspace: Whose runs.
    ///   - all: Whether those of other workspaces are among them.
    ///   - console: Gets a line for each folder that cannot be read.
    init(_ workspace: Workspace, all: Bool, _ console: Console) {
        root = InputFile.absolute(workspace.root)
        let hasReports = InputFile.isFolder(workspace.reports)
        reports = (hasReports ? InputFile.absolute(workspace.reports) : root + "/reports") + "/"
        var known: [RunRecord] = []
        do throws(Diagnosis) {
            known = try RunStore(try StudyBook.folder()).runs(of: all ? nil : root)
        } catch {
            problem = error
        }
        let folders = Set(known.map(\.folder))
        for record in known { look(at: record) }
        for name in InputFile.names(in: workspace.reports) where !name.hasPrefix(".") {
            let path = workspace.reports + "/" + name
            guard InputFile.isFolder(path), !folders.contains(InputFile.absolute(path)) else {
                continue
            }
            do throws(Diagnosis) {
                take(try RunRecord(try StoredRun(path), workspace: root))
            } catch {
                console.note("lot: warning: \(error.message)")
            }
        }
    }

    /// Writes what was found into the database.
    ///
    /// - Throws: Why it cannot be written; the list is right all the same.
    func store() throws(Diagnosis) {
        if let problem { throw problem }
        guard !fresh.isEmpty || !moved.isEmpty else { return }
        let store = RunStore(try StudyBook.folder())
        try store.land(fresh)
        try store.forget(moved)
    }

    /// Removes the runs whose folders are gone from the database and from the list.
    ///
    /// - Returns: How many they were.
    mutating func forgetMissing() throws(Diagnosis) -> Int {
        if let problem { throw problem }
        let missing = entries.filter(\.isMissing)
        try RunStore(try StudyBook.folder()).forget(missing.map(\.record))
        entries.removeAll(where: \.isMissing)
        return missing.count
    }

    /// Enters a run of the database, as its folder is now.
    private mutating func look(at record: RunRecord) {
        let stamp = InputFile.modified(record.folder + "/manifest.json")
        if stamp != 0, stamp != record.manifestStamp,
            let run = try? StoredRun(record.folder),
            let now = try? RunRecord(run, workspace: record.workspace)
        {
            // Made again by a command that could not say so.
            fresh.append(now)
            add(now, isMissing: false)
        } else {
            add(record, isMissing: stamp == 0)
        }
    }

    /// Enters a run that the database does not know, or knows at another place.
    private mutating func take(_ record: RunRecord) {
        var record = record
        let old = entries.firstIndex { $0.isMissing && $0.record.runID == record.runID }
        if let old {
            record.startedMs = entries[old].record.startedMs
            moved.append(entries.remove(at: old).record)
        }
        fresh.append(record)
        add(record, isMissing: false)
    }

    private mutating func add(_ record: RunRecord, isMissing: Bool) {
        let isOwn = record.folder.hasPrefix(reports)
        entries.append(
            Entry(
                record: record, isMissing: isMissing,
                name: isOwn ? String(record.folder.dropFirst(reports.count)) : record.folder))
    }
}
