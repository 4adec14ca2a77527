import LotCore
import LotData
import LotStore

/// The catalogue of a workspace's series in `lot.db`.
///
/// The series' own files are the truth, and nothing depends on the catalogue but the time that a
/// list takes: where it cannot be read or written, that is said with -v only.
struct KlineCatalogue {
    private let store: KlineStore
    private let workspace: String
    private let console: Console

    /// The catalogue of a workspace; nothing is opened yet.
    init(_ workspace: Workspace, _ console: Console) {
        store = workspace.store
        self.workspace = InputFile.absolute(workspace.root)
        self.console = console
    }

    /// Every series of the workspace: those whose files are as they were when they were entered are
    /// taken from the catalogue, the others are read and entered.
    func list() throws(Diagnosis) -> [SeriesSummary] {
        var known: [String: SeriesSummary] = [:]
        var folders: [String] = []
        quietly { catalogue throws(Diagnosis) in
            for record in try catalogue.series(of: workspace) {
                folders.append(record.folder)
                known[record.folder] = SeriesSummary(record)
            }
        }
        let list = try store.list(known: known)
        let sound = list.filter { $0.problem == nil }
        let there = Set(sound.map(\.folder))
        quietly { catalogue throws(Diagnosis) in
            try enter(sound.filter { known[$0.folder]?.stamp != $0.stamp }, catalogue)
            try catalogue.remove(folders.filter { !there.contains($0) }, of: workspace)
        }
        return list
    }

    /// Enters series that were written, or takes out those that were deleted.
    func update(_ addresses: [DatasetAddress]) {
        quietly { catalogue throws(Diagnosis) in
            var gone: [String] = []
            var written: [SeriesSummary] = []
            for address in addresses {
                if let summary = try store.summary(of: address) {
                    written.append(summary)
                } else {
                    gone.append(address.folder)
                }
            }
            try enter(written.filter { $0.problem == nil }, catalogue)
            try catalogue.remove(gone, of: workspace)
        }
    }

    private func enter(
        _ series: [SeriesSummary], _ catalogue: SeriesStore
    ) throws(Diagnosis) {
        try catalogue.enter(series.compactMap { SeriesRecord($0, workspace: workspace) })
    }

    private func quietly(_ body: (SeriesStore) throws(Diagnosis) -> Void) {
        do throws(Diagnosis) {
            try body(SeriesStore(try StudyBook.folder()))
        } catch {
            console.detail("catalogue: \(error.message)")
        }
    }
}

extension SeriesRecord {
    /// What the catalogue keeps of a series; `nil` for a folder that is none.
    fileprivate init?(_ summary: SeriesSummary, workspace: String) {
        guard let address = summary.address else { return nil }
        self.init(
            workspace: workspace, folder: summary.folder, address: address.description,
            venue: address.exchange,
            market: address.bars?.market.rawValue ?? Market.perp.rawValue,
            symbol: address.symbol, interval: address.bars?.interval.name,
            kind: address.bars.map { $0.price == .trade ? "trades" : "mark" } ?? "funding",
            rows: summary.rows, firstTime: summary.firstTime, lastTime: summary.lastTime,
            gaps: summary.gaps, missing: summary.missingBars, isSynthetic: summary.isSynthetic,
            columns: summary.columns.map(\.rawValue), bytes: summary.bytes,
            changedMs: summary.changedMs, stamp: summary.stamp)
    }
}

extension SeriesSummary {
    /// A series as the catalogue has it; `nil` for a record that makes no sense.
    fileprivate init?(_ record: SeriesRecord) {
        guard let address = try? DatasetAddress(parsing: record.address),
            address.folder == record.folder
        else { return nil }
        self.init(address: address, stamp: record.stamp)
        rows = record.rows
        firstTime = record.firstTime
        lastTime = record.lastTime
        gaps = record.gaps
        missingBars = record.missing
        isSynthetic = record.isSynthetic
        columns = record.columns.compactMap(SeriesColumn.init)
        bytes = record.bytes
        changedMs = record.changedMs
    }
}
