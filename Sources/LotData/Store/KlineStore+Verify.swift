public import LotCore

extension KlineStore {
    /// Checks every byte of a series of bars; see ``verify(_:)-(DatasetAddress)``.
    public func verify(_ address: SeriesAddress) throws(Diagnosis) -> VerifyReport {
        try verify(.bars(address))
    }

    /// Checks every byte of a series: headers, lengths, block digests, times and their order,
    /// prices, volumes, rates, recorded gaps.
    ///
    /// - Throws: Exit code 66 if there is no such series; every other finding is in the report.
    /// - Complexity: O(rows), one pass over every column.
    public func verify(_ address: DatasetAddress) throws(Diagnosis) -> VerifyReport {
        guard try exists(address) else { throw missing(address) }
        let place = SeriesPlace(address)
        var report = VerifyReport(address: address)
        let series: ColumnFiles
        do {
            series = try openFiles(place)
        } catch {
            report.add(error)
            return report
        }
        report.rows = series.rows
        report.firstTime = series.manifest.firstTime
        report.lastTime = series.manifest.lastTime
        report.gaps = Gaps.all(series.times, step: place.layout.step)
        if report.gaps != series.manifest.gaps {
            report.add(
                problem(
                    series, SeriesManifest.fileName, place: nil,
                    "lists \(grouped(series.manifest.gaps.count)) gaps, the times have "
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
        if (try? openParent(place)?.status(of: place.newName)) != nil {
            report.notes.append(
                "\(place.newName): left by an unfinished replacement; the next commit removes it")
        }
        verifyTimes(series, &report)
        do {
            try verifyValues(series, &report)
        } catch {
            report.add(error)
        }
        return report
    }

    private func verifyValues(
        _ series: ColumnFiles, _ report: inout VerifyReport
    ) throws(Diagnosis) {
        if series.place.layout == .funding {
            try verify(.rate, series, &report) { RowCheck.problem(rate: $0) }
            try verify(.markPrice, series, &report) { RowCheck.problem(markPrice: $0) }
            return
        }
        try verifyPrices(series, &report)
        for column in [SeriesColumn.volume, .quoteVolume, .takerBase]
        where series.columns.contains(column) {
            try verify(column, series, &report) { RowCheck.problem(quantity: $0, column) }
        }
    }

    private func verifyBlocks(
        _ column: SeriesColumn, _ series: ColumnFiles, _ report: inout VerifyReport
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
        _ column: SeriesColumn, _ series: ColumnFiles, _ report: inout VerifyReport
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
                error.code, subject: series.place.subject(column.fileName), doing: "reading")
        }
    }

    private func verifyTimes(_ series: ColumnFiles, _ report: inout VerifyReport) {
        let times = series.times
        let layout = series.place.layout
        let file = layout.time.fileName
        var before = Int64.min
        for row in 0..<series.rows {
            let time = times[row]
            if let reason = layout.problem(time: time) {
                report.add(problem(series, file, place: "row \(grouped(row + 1))", reason))
            } else if time == before {
                report.add(
                    problem(series, file, place: place(series, row), "repeats the row before"))
            } else if time < before {
                report.add(
                    problem(series, file, place: place(series, row), "is before the row before"))
            }
            before = time
        }
    }

    private func verifyPrices(
        _ series: ColumnFiles, _ report: inout VerifyReport
    ) throws(Diagnosis) {
        let open = try series.doubles(.open)
        let high = try series.doubles(.high)
        let low = try series.doubles(.low)
        let close = try series.doubles(.close)
        for row in 0..<series.rows {
            if let reason = RowCheck.problem(
                open: open[row], high: high[row], low: low[row], close: close[row])
            {
                report.add(problem(series, nil, place: place(series, row), reason))
            }
        }
    }

    private func verify(
        _ column: SeriesColumn, _ series: ColumnFiles, _ report: inout VerifyReport,
        _ check: (Double) -> String?
    ) throws(Diagnosis) {
        let values = try series.doubles(column)
        for row in 0..<series.rows {
            if let reason = check(values[row]) {
                report.add(problem(series, column.fileName, place: place(series, row), reason))
            }
        }
    }

    private func place(_ series: ColumnFiles, _ row: Int) -> String {
        let time = series.times[row]
        let sane = (RowCheck.firstTime..<RowCheck.lastTime).contains(time)
        return "row \(grouped(row + 1)), " + (sane ? CivilTime.text(time) : grouped(time))
    }

    private func problem(
        _ series: ColumnFiles, _ file: String?, place: String?, _ reason: String
    ) -> Diagnosis {
        Diagnosis(
            .data, kind: "kline.row", subject: series.place.subject(file), place: place,
            reason: reason, hint: "import the period again with --replace, or restore a backup")
    }
}
