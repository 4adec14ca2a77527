public import LotCore
import Glibc

extension KlineStore {
    /// Stores rows of bars in one commit: all of them or, whatever goes wrong, none.
    ///
    /// Rows equal to stored ones are skipped; if nothing is left, nothing is written. Rows after
    /// the last stored one are appended. Rows before the first, inside a hole or (with `replace`)
    /// in place of others make a new folder that is swapped in.
    /// - Parameters:
    ///   - table: Checked rows, at least one, times strictly rising and on the grid.
    ///   - address: The series.
    ///   - sources: Where the rows came from, for `series.json`.
    ///   - replace: Whether a row may take the place of a stored one with other values.
    /// - Returns: How many rows were added, replaced, or there already.
    /// - Throws: A ``LotCore/Diagnosis``: 65 for a conflict or damaged data, 75 while another
    ///   writer is at work, 74 for a full disk.
    @discardableResult
    public func commit(
        _ table: SeriesTable, to address: SeriesAddress, sources: [SeriesSource],
        replace: Bool = false
    ) throws(Diagnosis) -> CommitOutcome {
        try commit(table, to: .bars(address), sources: sources, replace: replace)
    }

    /// Stores rows of any kind; see ``commit(_:to:sources:replace:)``.
    ///
    /// A funding whose mark price was not known and is now takes it, without `replace`.
    @discardableResult
    public func commit(
        _ table: SeriesTable, to address: DatasetAddress, sources: [SeriesSource],
        replace: Bool = false
    ) throws(Diagnosis) -> CommitOutcome {
        let place = SeriesPlace(address)
        guard table.count > 0 else {
            throw Diagnosis(
                .data, kind: "kline.empty", subject: place.description, reason: "no rows to store"
            )
        }
        if let problem = table.firstProblem(place.layout) {
            throw Diagnosis(
                .data, kind: "kline.row", subject: place.description,
                place: "row \(grouped(problem.row + 1))", reason: problem.reason)
        }
        let parent = try makeParent(place)
        let lock = try SeriesLock.take(place, in: parent, files)
        defer { withExtendedLifetime(lock) {} }
        let writer = SeriesWriter(place: place, parent: parent, files: files, sources: sources)
        guard try exists(address) else {
            try writer.create(table)
            return CommitOutcome(added: table.count, replaced: 0, unchanged: 0, rows: table.count)
        }
        return try update(openFiles(place), with: table, writer, replace: replace)
    }

    private func update(
        _ stored: ColumnFiles, with incoming: SeriesTable, _ writer: SeriesWriter, replace: Bool
    ) throws(Diagnosis) -> CommitOutcome {
        try requireSameColumns(incoming, stored)
        var table = incoming
        if table.columns.contains(.markPrice) {
            table.takeKnown(from: try stored.table(0..<stored.rows))
        }
        let plan = try CommitPlan(table, into: stored)
        if !replace, let conflict = plan.firstConflict {
            throw try self.conflict(conflict, plan, table, stored, writer.sources)
        }
        let appended = table.count - plan.appendFrom
        if plan.inserted + plan.differing + plan.completed > 0 {
            try writer.rewrite(stored.table(0..<stored.rows).merged(with: table), from: stored)
        } else if appended > 0 {
            try writer.append(table, rows: plan.appendFrom..<table.count, to: stored)
        }
        return CommitOutcome(
            added: plan.inserted + appended, replaced: plan.differing, unchanged: plan.unchanged,
            completed: plan.completed, rows: stored.rows + plan.inserted + appended)
    }

    /// Opens the symbol's folder, making every folder on the way.
    private func makeParent(_ place: SeriesPlace) throws(Diagnosis) -> OpenFile {
        do throws(SystemError) {
            var folder: OpenFile
            do throws(SystemError) {
                folder = try OpenFile.folder(path: root)
            } catch {
                guard error.code == ENOENT else { throw error }
                try files.createFolder(path: root)
                folder = try OpenFile.folder(path: root)
                try files.sync(try folder.folder(".."))
            }
            for name in place.parents {
                folder = try makeFolder(folder, name)
            }
            return folder
        } catch {
            throw systemDiagnosis(error.code, subject: place.subject(), doing: "making the folder")
        }
    }

    private func makeFolder(_ parent: OpenFile, _ name: String) throws(SystemError) -> OpenFile {
        do throws(SystemError) {
            return try parent.folder(name)
        } catch {
            guard error.code == ENOENT else { throw error }
            do throws(SystemError) {
                try files.createFolder(parent, name)
            } catch {
                // Another writer made it at the same moment.
                guard error.code == EEXIST else { throw error }
            }
            try files.sync(parent)
            return try parent.folder(name)
        }
    }

    private func requireSameColumns(
        _ table: SeriesTable, _ stored: ColumnFiles
    ) throws(Diagnosis) {
        guard table.columns != stored.columns else { return }
        let missing = stored.columns.filter { !table.columns.contains($0) }
        let extra = table.columns.filter { !stored.columns.contains($0) }
        var parts: [String] = []
        if !missing.isEmpty {
            parts.append("lack \(missing.map(\.rawValue).joined(separator: ", "))")
        }
        if !extra.isEmpty {
            parts.append("add \(extra.map(\.rawValue).joined(separator: ", "))")
        }
        throw Diagnosis(
            .data, kind: "kline.columns", subject: stored.place.description,
            reason:
                "the new rows \(parts.joined(separator: " and ")) compared with the stored ones",
            hint: "import them under another name, or delete the folder and import everything again"
        )
    }

    private func conflict(
        _ conflict: (incoming: Int, stored: Int), _ plan: CommitPlan, _ table: SeriesTable,
        _ stored: ColumnFiles, _ sources: [SeriesSource]
    ) throws(Diagnosis) -> Diagnosis {
        let time = table.time(conflict.incoming)
        let old = try stored.table(conflict.stored..<conflict.stored + 1)
        let source = sources.first { $0.firstTime <= time && time <= $0.lastTime }
        let others = plan.differing > 1 ? " (and \(grouped(plan.differing - 1)) more rows)" : ""
        return Diagnosis(
            .data, kind: "kline.conflict", subject: stored.place.description,
            place: "row \(grouped(conflict.stored + 1)), \(CivilTime.text(time))",
            reason: "stored and \(escaped(source?.name ?? "new")) disagree: "
                + old.difference(0, from: table, conflict.incoming) + others,
            hint: "--replace accepts the new values")
    }
}

extension SeriesTable {
    /// The first row that may not be stored, and why; importers report better places themselves.
    func firstProblem(_ layout: SeriesLayout) -> (row: Int, reason: String)? {
        for row in 0..<count {
            if let reason = layout.problem(time: time(row)) { return (row, reason) }
            if row > 0, time(row) <= time(row - 1) {
                return (row, "time \(CivilTime.text(time(row))) is not after the row before")
            }
            if let reason = layout == .funding ? fundingProblem(row) : barProblem(row) {
                return (row, reason)
            }
        }
        return nil
    }

    private func fundingProblem(_ row: Int) -> String? {
        RowCheck.problem(rate: value(.rate, row))
            ?? RowCheck.problem(markPrice: value(.markPrice, row))
    }

    private func barProblem(_ row: Int) -> String? {
        let bar = self[row]
        if let reason = RowCheck.problem(
            open: bar.open, high: bar.high, low: bar.low, close: bar.close)
        {
            return reason
        }
        for column in [SeriesColumn.volume, .quoteVolume, .takerBase] {
            if let reason = RowCheck.problem(quantity: value(column, row), column) {
                return reason
            }
        }
        return nil
    }
}
