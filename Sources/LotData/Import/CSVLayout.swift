import LotCore

/// Which field of a CSV line is which column.
struct CSVLayout: Equatable {
    enum Field: Equatable {
        case skip
        case time
        case decimal(SeriesColumn)
        case integer(SeriesColumn)
        /// A number with a sign and perhaps an exponent.
        case signed(SeriesColumn)
        /// A decimal that may be missing.
        case optional(SeriesColumn)
    }

    /// One per field of a line.
    var fields: [Field]
    /// Their names in the file.
    var names: [String]

    /// The column of the times.
    let time: SeriesColumn

    var columns: [SeriesColumn] {
        fields.compactMap { field in
            switch field {
            case .skip: nil
            case .time: time
            case .decimal(let column), .integer(let column), .signed(let column),
                .optional(let column):
                column
            }
        }
    }

    /// The twelve columns of Binance's archive, which has no header line.
    static let archive = CSVLayout(
        fields: [
            .time, .decimal(.open), .decimal(.high), .decimal(.low), .decimal(.close),
            .decimal(.volume), .skip, .decimal(.quoteVolume), .integer(.trades),
            .decimal(.takerBase), .skip, .skip,
        ],
        names: [
            "open_time", "open", "high", "low", "close", "volume", "close_time", "quote_volume",
            "trades", "taker_base", "taker_quote", "ignore",
        ], time: .openTime)

    /// The header lines of Binance's archives of perpetuals: bars, and funding rates.
    private static let archiveHeaders = [
        "open_time,open,high,low,close,volume,close_time,quote_volume,count,taker_buy_volume,"
            + "taker_buy_quote_volume,ignore",
        "calc_time,funding_interval_hours,last_funding_rate",
    ]

    /// Whether the names are those of an archive's header line.
    var isArchive: Bool { CSVLayout.archiveHeaders.contains(names.joined(separator: ",")) }

    /// Names that other programs give the columns, in lower case.
    private static let aliases: [(SeriesColumn, [String])] = [
        (
            .openTime,
            ["open_time", "opentime", "open time", "time", "timestamp", "date", "datetime", "unix"]
        ),
        (.open, ["open"]),
        (.high, ["high"]),
        (.low, ["low"]),
        (.close, ["close"]),
        (.volume, ["volume", "vol", "base_volume"]),
        (
            .quoteVolume,
            ["quote_volume", "quote_asset_volume", "quote asset volume", "quotevolume"]
        ),
        (.trades, ["trades", "count", "number_of_trades", "number of trades", "tradecount"]),
        (
            .takerBase,
            [
                "taker_base", "taker_buy_volume", "taker_buy_base_volume",
                "taker_buy_base_asset_volume", "taker buy base asset volume",
            ]
        ),
    ]

    private static let fundingAliases: [(SeriesColumn, [String])] = [
        (
            .time,
            [
                "time", "calc_time", "funding_time", "fundingtime", "timestamp", "date", "datetime",
                "unix",
            ]
        ),
        (.rate, ["rate", "last_funding_rate", "funding_rate", "fundingrate"]),
        (.markPrice, ["mark_price", "markprice"]),
    ]

    /// The column that a name stands for; `nil` for a name that is none.
    static func column(named name: String, _ layout: SeriesLayout) -> SeriesColumn? {
        let lower = name.lowercased()
        let aliases = layout == .funding ? fundingAliases : aliases
        return aliases.first { $0.1.contains(lower) }?.0
    }

    private init(fields: [Field], names: [String], time: SeriesColumn) {
        self.fields = fields
        self.names = names
        self.time = time
    }

    /// Reads a header line.
    ///
    /// - Parameters:
    ///   - names: Its fields.
    ///   - mapping: Which name is which column, before the aliases; see ``mapping(_:)``.
    ///   - series: What the file's rows are.
    ///   - place: The file, for messages.
    /// - Throws: Exit code 65 where a column is missing, twice there, or could be several.
    init(
        header names: [String], mapping: [(column: SeriesColumn, name: String)],
        series: SeriesLayout, place: ImportPlace
    ) throws(Diagnosis) {
        self.init(
            fields: [Field](repeating: .skip, count: names.count), names: names, time: series.time)
        let shown = names.map { escaped($0) }.joined(separator: ",")
        for (column, name) in mapping {
            let found = names.indices.filter { names[$0] == name }
            guard found.count == 1, let index = found.first else {
                throw place.bad(
                    "header", line: 1,
                    found.isEmpty
                        ? "no column \"\(escaped(name))\"; columns: \(shown)"
                        : "column \"\(escaped(name))\" is there \(found.count) times",
                    hint: "correct --columns")
            }
            fields[index] = CSVLayout.field(column)
        }
        let mapped = Set(mapping.map(\.column))
        // A mark price's file has volumes too, of which a check makes sure that they are none.
        let known = series == .funding ? SeriesColumn.funding : SeriesColumn.bars
        for column in known where !mapped.contains(column) {
            let found = names.indices.filter {
                fields[$0] == .skip && CSVLayout.column(named: names[$0], series) == column
            }
            if found.count > 1 {
                let candidates = found.map { escaped(names[$0]) }.joined(separator: ", ")
                let key = CSVLayout.key(column)
                throw place.bad(
                    "header", line: 1, "more than one column could be \"\(key)\": \(candidates)",
                    hint: "choose with --columns \(key)=NAME")
            }
            if let index = found.first { fields[index] = CSVLayout.field(column) }
        }
        let present = columns
        for column in series.needed where !present.contains(column) {
            let key = CSVLayout.key(column)
            throw place.bad(
                "header", line: 1, "no column \"\(key)\"; columns: \(shown)",
                hint: "map with --columns \(key)=NAME")
        }
    }

    /// What `--columns` calls a column.
    private static func key(_ column: SeriesColumn) -> String {
        column == .openTime ? "time" : column.rawValue
    }

    private static func field(_ column: SeriesColumn) -> Field {
        switch column {
        case .openTime, .time: .time
        case .trades: .integer(column)
        case .rate: .signed(column)
        case .markPrice: .optional(column)
        default: .decimal(column)
        }
    }

    /// Reads a mapping such as `time=ts,volume=vol`.
    ///
    /// - Throws: Exit code 64 for anything else.
    static func mapping(
        _ text: String?, _ layout: SeriesLayout
    ) throws(Diagnosis) -> [(column: SeriesColumn, name: String)] {
        var result: [(column: SeriesColumn, name: String)] = []
        for pair in (text ?? "").split(separator: ",", omittingEmptySubsequences: text == nil) {
            let parts = pair.split(
                separator: "=", maxSplits: 1, omittingEmptySubsequences: false
            ).map(String.init)
            guard parts.count == 2, !parts[1].isEmpty, let column = column(named: parts[0], layout)
            else {
                throw Diagnosis(
                    .usage, kind: "import.columns", subject: "--columns",
                    reason: "\"\(escaped(pair))\" is not column=NAME",
                    hint: layout == .funding
                        ? "for example --columns time=ts,rate=funding"
                        : "for example --columns time=ts,volume=vol")
            }
            guard !result.contains(where: { $0.column == column }) else {
                throw Diagnosis(
                    .usage, kind: "import.columns", subject: "--columns",
                    reason: "\"\(escaped(parts[0]))\" is mapped twice")
            }
            result.append((column, parts[1]))
        }
        return result
    }
}
