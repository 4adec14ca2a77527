public import LotCore

extension KlineStore {
    /// Checks every byte of a series: headers, lengths, block digests, time grid, order, prices,
    /// volumes, recorded gaps.
    ///
    /// - Throws: Exit code 66 if there is no such series; every other finding is in the report.
    /// - Complexity: O(rows), one pass over every column.
    public func verify(_ address: SeriesAddress) throws(Diagnosis) -> VerifyReport {
        guard try exists(address) else { throw missing(address) }
        var report = VerifyReport(address: address)
        let series: StoredSeries
        do {
            series = try open(address)
        } catch {
            report.add(error)
            return report
        }
        report.rows = series.rows
        report.firstTime = series.firstTime
        report.lastTime = series.lastTime
        report.gaps = Gaps.all(series.bars.openTime, interval: address.interval)
        if report.gaps != series.gaps {
            report.add(
                problem(
                    series, SeriesManifest.fileName, place: nil,
                    "lists \(grouped(series.gaps.count)) gaps, the times have "
                        + grouped(report.gaps.count)))
        }
        for column in series.columns {
            do {
                try verifyBlocks(column, series, &report)
                try noteTail(column, series, &report)
            } catch {
                report.add(error)
            }
        }
        if (try? openParent(address)?.status(of: address.interval.name + ".new")) != nil {
            report.notes.append(
                "\(address.interval.name).new: left by an unfinished replacement; "
                    + "the next commit removes it")
        }
        verifyTimes(series, &report)
        verifyPrices(series, &report)
        for column in [KlineColumn.volume, .quoteVolume, .takerBase]
        where series.columns.contains(column) {
            do {
                try verifyQuantities(column, series, &report)
            } catch {
                report.add(error)
            }
        }
        return report
    }

    private func verifyBlocks(
        _ column: KlineColumn, _ series: StoredSeries, _ report: inout VerifyReport
    ) throws(Diagnosis) {
        let file = try series.map(column)
        for (block, digest) in series.manifest.blocks(of: column).enumerated() {
            let start = block * BlockDigest.rows
            let end = min(start + BlockDigest.rows, series.rows)
            if BlockDigest.of(file, rows: start..<end) != digest {
                report.add(SeriesWriter.damagedBlock(series, column, block: block))
            }
        }
    }

    /// Notes what a killed writer may leave: rows beyond the committed ones, or an old shape.
    private func noteTail(
        _ column: KlineColumn, _ series: StoredSeries, _ report: inout VerifyReport
    ) throws(Diagnosis) {
        do {
            let (file, size) = try series.folder.file(column.fileName)
            let expected = Int64(NpyHeader.size + series.rows * 8)
            if size > expected {
                report.notes.append(
                    "\(column.fileName): \(grouped(size - expected)) bytes of an unfinished "
                        + "append; the next one overwrites them")
            }
            let shape = try file.bytes(
                at: Int64(NpyHeader.shapeOffset), count: NpyHeader.shapeWidth)
            if shape != NpyHeader.shape(rows: series.rows) {
                report.notes.append(
                    "\(column.fileName): the header's shape is behind (for other programs); "
                        + "the next append corrects it")
            }
        } catch {
            throw systemDiagnosis(
                error.code, subject: subject(series.address, column.fileName), doing: "reading")
        }
    }

    private func verifyTimes(_ series: StoredSeries, _ report: inout VerifyReport) {
        let times = series.bars.openTime
        let interval = series.address.interval
        let file = KlineColumn.openTime.fileName
        var before = Int64.min
        for row in 0..<series.rows {
            let time = times[row]
            if let reason = RowCheck.problem(time: time, interval: interval) {
                report.add(problem(series, file, place: "row \(grouped(row + 1))", reason))
            } else if time == before {
                report.add(problem(series, file, place: place(series, row), "repeats the row before"))
            } else if time < before {
                report.add(
                    problem(series, file, place: place(series, row), "is before the row before"))
            }
            before = time
        }
    }

    private func verifyPrices(_ series: StoredSeries, _ report: inout VerifyReport) {
        let bars = series.bars
        for row in 0..<series.rows {
            if let reason = RowCheck.problem(
                open: bars.open[row], high: bars.high[row], low: bars.low[row],
                close: bars.close[row])
            {
                report.add(problem(series, nil, place: place(series, row), reason))
            }
        }
    }

    private func verifyQuantities(
        _ column: KlineColumn, _ series: StoredSeries, _ report: inout VerifyReport
    ) throws(Diagnosis) {
        let values = try series.map(column).column(
            Double.self, offset: NpyHeader.size, count: series.rows)
        for row in 0..<series.rows {
            if let reason = RowCheck.problem(quantity: values[row], column) {
                report.add(problem(series, column.fileName, place: place(series, row), reason))
            }
        }
    }

    private func place(_ series: StoredSeries, _ row: Int) -> String {
        let time = series.bars.openTime[row]
        let sane = (RowCheck.firstTime..<RowCheck.lastTime).contains(time)
        return "row \(grouped(row + 1)), " + (sane ? CivilTime.text(time) : grouped(time))
    }

    private func problem(
        _ series: StoredSeries, _ file: String?, place: String?, _ reason: String
    ) -> Diagnosis {
        Diagnosis(
            .data, kind: "kline.row", subject: subject(series.address, file), place: place,
            reason: reason, hint: "import the period again with --replace, or restore a backup")
    }
}
