import ArgumentParser
import Glibc
import LotCore
import LotData
import LotReport

/// `lot data instruments`: an exchange's rules for its symbols.
struct DataInstrumentsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "instruments",
        abstract: "Import and list an exchange's rules: steps, minimums, margin tiers.",
        subcommands: [InstrumentsImportCommand.self, InstrumentsListCommand.self])
}

/// `lot data instruments import`: answers of the exchange into `instruments.json`.
struct InstrumentsImportCommand: Command {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Import rules from saved answers of Binance's REST interface.",
        discussion: """
            Takes exchangeInfo of spot (/api/v3) and of USD-M perpetuals (/fapi/v1), leverageBracket
            (maintenance tiers) and fundingInfo, whole and in any order. What a file does not say
            stays as it was stored.

            Examples:
              lot data instruments import exchangeInfo.json leverageBracket.json
              lot data instruments import exchangeInfo.json --symbol BTCUSDT --symbol ETHUSDT
            """)

    @Argument(help: ArgumentHelp("Files to import.", valueName: "files"))
    var files: [String]

    @Option(help: ArgumentHelp("Exchange.", valueName: "name"))
    var exchange: String = "binance"

    @Option(
        help: ArgumentHelp(
            "Only this symbol, in the exchange's spelling; may be given again.",
            valueName: "symbol"))
    var symbol: [String] = []

    @OptionGroup(title: "General") var global: GlobalOptions

    func execute(_ console: Console) throws(Diagnosis) -> Int32 {
        try requireExchange(exchange)
        let store = try global.workspace().store
        let today = CivilTime.dateText(Int64(time(nil)) * 1_000)
        let report = try InstrumentImport(store: store, today: today).run(
            files, exchange: exchange, symbols: symbol)
        let leftOut = report.leftOut.reduce(0) { $0 + $1.count }
        switch console.format {
        case .json:
            try writeJSON(console) { json in
                json.object { json in
                    field(&json, "schema", "lot.instruments-import/1")
                    field(&json, "exchange", exchange)
                    field(&json, "added", report.added)
                    field(&json, "changed", report.changed)
                    field(&json, "unchanged", report.unchanged)
                    field(&json, "left_out", leftOut)
                }
            }
        case .csv:
            try console.write(
                "exchange,added,changed,unchanged,left_out\n\(exchange),\(report.added),"
                    + "\(report.changed),\(report.unchanged),\(leftOut)\n")
        case .table:
            var text =
                "\(exchange): \(counted(report.added, "instrument")) added, "
                + "\(grouped(report.changed)) changed, \(grouped(report.unchanged)) as before\n"
            for (reason, count) in report.leftOut {
                text += "left out: \(grouped(count)) (\(reason))\n"
            }
            try console.write(text)
        }
        return 0
    }
}

/// `lot data instruments list`: what is stored.
struct InstrumentsListCommand: Command {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the stored rules of an exchange.")

    @Option(help: ArgumentHelp("Exchange.", valueName: "name"))
    var exchange: String = "binance"

    @Option(
        help: ArgumentHelp("Only this symbol; may be given again.", valueName: "symbol"))
    var symbol: [String] = []

    @OptionGroup(title: "General") var global: GlobalOptions

    private static let header = [
        "market", "symbol", "tick", "lot", "min_quantity", "min_notional", "max_leverage", "tiers",
        "liquidation_fee", "funding_hours", "read",
    ]

    func execute(_ console: Console) throws(Diagnosis) -> Int32 {
        try requireExchange(exchange)
        let stored = try global.workspace().store.instruments(exchange: exchange)
        let records = stored.filter { symbol.isEmpty || symbol.contains($0.symbol) }
        let rows = records.map(InstrumentsListCommand.cells)
        switch console.format {
        case .json:
            try writeJSON(console) { json in
                json.object { json in
                    field(&json, "schema", "lot.instruments/1")
                    field(&json, "exchange", exchange)
                    json.key("instruments")
                    json.array { json in
                        for record in records { InstrumentsListCommand.write(record, &json) }
                    }
                }
            }
        case .csv:
            let lines = [InstrumentsListCommand.header] + rows
            try console.write(lines.map { $0.joined(separator: ",") + "\n" }.joined())
        case .table:
            var table = TextTable(
                InstrumentsListCommand.header.map {
                    $0.split(separator: "_").joined(separator: " ")
                },
                numbers: Set(2...9))
            for row in rows { table.add(row.map { $0.isEmpty ? "–" : $0 }) }
            if !rows.isEmpty { try console.write(table.text) }
        }
        if rows.isEmpty {
            console.note("no rules are stored; lot data instruments import exchangeInfo.json")
        }
        return 0
    }

    private static func cells(_ record: InstrumentRecord) -> [String] {
        let rules = record.instrument
        func number(_ value: Double?) -> String {
            guard let value else { return "" }
            var bytes = ByteBuffer(capacity: 64)
            bytes.put(plain: value)
            return String(decoding: bytes.array, as: UTF8.self)
        }
        return [
            rules.market.rawValue, record.symbol, rules.tickSize?.description ?? "",
            rules.lotSize?.description ?? "", number(rules.minQuantity), number(rules.minNotional),
            number(rules.maxLeverage),
            rules.maintenanceTiers.isEmpty ? "" : String(rules.maintenanceTiers.count),
            number(rules.liquidationFee), rules.fundingHours.map { String($0) } ?? "",
            record.dateRead,
        ]
    }

    private static func write(_ record: InstrumentRecord, _ json: inout JSONWriter) {
        let rules = record.instrument
        json.object { json in
            field(&json, "market", rules.market.rawValue)
            field(&json, "symbol", record.symbol)
            field(&json, "tick", rules.tickSize?.description)
            field(&json, "lot", rules.lotSize?.description)
            for (name, value) in [
                ("min_quantity", rules.minQuantity), ("min_notional", rules.minNotional),
                ("max_leverage", rules.maxLeverage), ("liquidation_fee", rules.liquidationFee),
            ] {
                json.key(name)
                json.value(value)
            }
            field(&json, "funding_hours", rules.fundingHours)
            json.key("tiers")
            json.array { json in
                for tier in rules.maintenanceTiers {
                    json.object(inline: true) { json in
                        for (name, value) in [
                            ("floor", tier.notionalFloor), ("rate", tier.rate),
                            ("deduction", tier.deduction), ("max_leverage", tier.maxLeverage),
                        ] {
                            json.key(name)
                            json.value(value)
                        }
                    }
                }
            }
            field(&json, "read", record.dateRead)
        }
    }
}

/// Refuses a name that is no folder of an exchange.
private func requireExchange(_ name: String) throws(Diagnosis) {
    guard (try? FundingAddress(exchange: name, symbol: "X"))?.exchange == name else {
        throw usage("--exchange", SeriesAddressError.badExchange(name).reason)
    }
}
