import LotCore

/// Reads funding rates from the answers of the exchanges' REST interfaces.
///
/// Binance: `[{symbol, fundingTime, fundingRate, markPrice}]`, oldest first. Bybit:
/// `result.list[{symbol, fundingRateTimestamp, fundingRate}]`, and OKX: `data[{instId, fundingTime,
/// realizedRate}]` (`fundingRate` is what was predicted there), both newest first.
/// - SeeAlso: `GET /fapi/v1/fundingRate`, `GET /v5/market/funding/history`,
///   `GET /api/v5/public/funding-rate-history`.
struct FundingJSON {
    let symbol: String
    let now: Int64?
    let place: ImportPlace

    /// Largest file; it is held in memory.
    static let maxSize: Int64 = 1 << 27

    private struct Row {
        var time: Int64
        var rate: Double
        var mark: Double
    }

    /// Parses the whole text.
    func read(_ bytes: [UInt8]) throws(Diagnosis) -> CSVImport.Result {
        let json: JSONValue
        do {
            json = try JSONReader.parse(bytes)
        } catch {
            throw Diagnosis(
                .data, kind: "import.json", subject: place.subject,
                place: "byte \(grouped(error.offset))", reason: error.reason)
        }
        let list = json.elements ?? json["data"]?.elements ?? json["result"]?["list"]?.elements
        guard let list else {
            throw place.bad("json", "not a list of funding rates as Binance, OKX or Bybit send it")
        }
        var rows: [Row] = []
        for (index, entry) in list.enumerated() { rows.append(try row(entry, index + 1)) }
        if rows.count > 1, rows[0].time > rows[rows.count - 1].time { rows.reverse() }
        var builder = RowBuilder(columns: SeriesColumn.funding, .funding, now: now)
        do {
            for row in rows {
                let time = try builder.milliseconds(row.time)
                try builder.add(
                    time: time, words: [0, row.rate.bitPattern, row.mark.bitPattern])
            }
            return CSVImport.Result(
                table: try builder.finish(), rowsRead: builder.rowsRead, isArchive: true)
        } catch {
            let number = builder.rowsRead
            throw Diagnosis(
                .data, kind: "import." + error.kind, subject: place.subject,
                place: number > 0 ? "row \(grouped(number))" : nil, reason: error.reason,
                hint: error.hint)
        }
    }

    private func row(_ entry: JSONValue, _ number: Int) throws(Diagnosis) -> Row {
        if let named = entry["symbol"]?.text ?? entry["instId"]?.text, named != symbol {
            throw place.badRow("name", number, "is of \(escaped(named)), --as says \(symbol)")
        }
        guard let time = whole(entry["fundingTime"] ?? entry["fundingRateTimestamp"]) else {
            throw place.badRow("time", number, "no \"fundingTime\" in milliseconds")
        }
        let given = entry["realizedRate"].flatMap { $0.text == "" ? nil : $0 }
        guard let rate = decimal(given ?? entry["fundingRate"]) else {
            throw place.badRow("number", number, "no \"fundingRate\" that is a number")
        }
        var mark = Double.nan
        if let value = entry["markPrice"], value.text != "", value != .null {
            guard let price = decimal(value) else {
                throw place.badRow("number", number, "\"markPrice\" is not a number")
            }
            // Rows from before the exchange kept mark prices have 0.
            if price != 0 { mark = price }
        }
        return Row(time: time, rate: rate, mark: mark)
    }

    private func whole(_ value: JSONValue?) -> Int64? {
        guard let value else { return nil }
        return value.integer ?? value.text.flatMap { CSVLine.integer(Array($0.utf8)) }
    }

    private func decimal(_ value: JSONValue?) -> Double? {
        switch value {
        case .number(let text), .string(let text): CSVLine.number(Array(text.utf8))
        default: nil
        }
    }
}
