public import LotCore
import Glibc

extension KlineStore {
    /// Stores rows in one commit: all of them or, whatever goes wrong, none.
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
        _ table: KlineTable, to address: SeriesAddress, sources: [SeriesSource],
        replace: Bool = false
    ) throws(Diagnosis) -> CommitOutcome {
        guard table.count > 0 else {
            throw Diagnosis(
                .data, kind: "kline.empty", subject: address.description, reason: "no rows to store"
            )
        }
        if let problem = table.firstProblem(interval: address.interval) {
            throw Diagnosis(
                .data, kind: "kline.row", subject: address.description,
                place: "row \(grouped(problem.row + 1))", reason: problem.reason)
        }
        let parent = try makeParent(address)
        let lock = try SeriesLock.take(address, in: parent, files)
        defer { withExtendedLifetime(lock) {} }
        let writer = SeriesWriter(
            address: address, parent: parent, files: files, sources: sources)
        guard try exists(address) else {
            try writer.create(table)
            return CommitOutcome(added: table.count, replaced: 0, unchanged: 0, rows: table.count)
        }
        let stored = try open(address)
        try requireSameColumns(table, stored)
        let plan = try CommitPlan(table, into: stored)
        if !replace, let conflict = plan.firstConflict {
            throw try self.conflict(conflict, plan, table, stored, sources)
        }
        let appended = table.count - plan.appendFrom
        if plan.inserted + plan.differing > 0 {
            try writer.rewrite(stored.table(0..<stored.rows).merged(with: table), from: stored)
        } else if appended > 0 {
            try writer.append(table, rows: plan.appendFrom..<table.count, to: stored)
        }
        return CommitOutcome(
            added: plan.inserted + appended, replaced: plan.differing, unchanged: plan.unchanged,
            rows: stored.rows + plan.inserted + appended)
    }

    /// Opens the symbol's folder, making every folder on the way.
    private func makeParent(_ address: SeriesAddress) throws(Diagnosis) -> OpenFile {
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
            for name in [address.exchange, address.market.rawValue, address.symbol] {
                folder = try makeFolder(folder, name)
            }
            return folder
        } catch {
            throw systemDiagnosis(error.code, subject: subject(address), doing: "making the folder")
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
        _ table: KlineTable, _ stored: StoredSeries
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
            .data, kind: "kline.columns", subject: stored.address.description,
            reason:
                "the new rows \(parts.joined(separator: " and ")) compared with the stored ones",
            hint: "import them under another name, or delete the folder and import everything again"
        )
    }

    private func conflict(
        _ conflict: (incoming: Int, stored: Int), _ plan: CommitPlan, _ table: KlineTable,
        _ stored: StoredSeries, _ sources: [SeriesSource]
    ) throws(Diagnosis) -> Diagnosis {
        let time = table.time(conflict.incoming)
        let old = try stored.table(conflict.stored..<conflict.stored + 1)
        let source = sources.first { $0.firstTime <= time && time <= $0.lastTime }
        let others = plan.differing > 1 ? " (and \(grouped(plan.differing - 1)) more rows)" : ""
        return Diagnosis(
            .data, kind: "kline.conflict", subject: stored.address.description,
            place: "row \(grouped(conflict.stored + 1)), \(CivilTime.text(time))",
            reason: "stored and \(escaped(source?.name ?? "new")) disagree: "
                + old.difference(0, from: table, conflict.incoming) + others,
            hint: "--replace accepts the new values")
    }
}

extension KlineTable {
    /// The first row that may not be stored, and why; importers report better places themselves.
    func firstProblem(interval: Interval) -> (row: Int, reason: String)? {
        for row in 0..<count {
            if let reason = RowCheck.problem(time: time(row), interval: interval) {
                return (row, reason)
            }
            if row > 0, time(row) <= time(row - 1) {
                return (row, "time \(CivilTime.text(time(row))) is not after the row before")
            }
            let bar = self[row]
            if let reason = RowCheck.problem(
                open: bar.open, high: bar.high, low: bar.low, close: bar.close)
            {
                return (row, reason)
            }
            for column in [KlineColumn.volume, .quoteVolume, .takerBase] {
                if let reason = RowCheck.problem(quantity: value(column, row), column) {
                    return (row, reason)
                }
            }
        }
        return nil
    }
}
