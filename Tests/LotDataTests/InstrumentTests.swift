import Foundation
import LotCore
import Testing

@testable import LotData

private let brackets = """
    [{"symbol": "BTCUSDT", "notionalCoef": 1.5, "brackets": [
      {"bracket": 2, "initialLeverage": 100, "notionalCap": 250000, "notionalFloor": 50000,
       "maintMarginRatio": 0.005, "cum": 50.0},
      {"bracket": 1, "initialLeverage": 125, "notionalCap": 50000, "notionalFloor": 0,
       "maintMarginRatio": 0.004, "cum": 0.0}]}]
    """

@Suite struct InstrumentTests {
    static let samples = SharedData.root + "/../exchanges/samples/binance/"
    static let isThere = FileManager.default.fileExists(atPath: samples)

    func run(
        _ folder: TemporaryFolder, _ texts: [String], symbols: [String] = []
    ) throws -> InstrumentReport {
        var paths: [String] = []
        for (index, text) in texts.enumerated() {
            paths.append(try folder.write("\(index).json", text))
        }
        return try InstrumentImport(store: folder.store, today: "2024-05-06").run(
            paths, exchange: "binance", symbols: symbols)
    }

    @Test(.enabled(if: isThere))
    func `Binance's own answers of spot and perpetuals`() throws {
        let folder = try TemporaryFolder()
        let importer = InstrumentImport(store: folder.store, today: "2024-05-06")
        let paths = ["spot_rest_exchange_info.json", "usdm_rest_exchange_info.json"]
            .map { InstrumentTests.samples + $0 }
        let report = try importer.run(paths, exchange: "binance")
        #expect(report.added == 4)
        #expect(report.leftOut.map(\.count) == [1] && report.leftOut[0].reason == "dated futures")
        let spot = try #require(try folder.store.instrument(hourly))
        #expect(spot.tickSize?.description == "0.01" && spot.lotSize?.description == "0.00001")
        #expect(spot.minQuantity == 0.00001 && spot.minNotional == 10)
        let address = Address.parse("binance.perp:BTCUSDT:1h")
        let perp = try #require(try folder.store.instrument(address))
        #expect(perp.tickSize?.description == "0.1" && perp.lotSize?.description == "0.001")
        #expect(perp.minNotional == 10 && perp.liquidationFee == 0.012)
        #expect(
            try folder.store.instruments(exchange: "binance").map(\.dateRead)
                == ["2022-02-19", "2022-02-19", "2021-10-22", "2021-10-22"])
        let before = try treeDigest(folder.path)
        #expect(try importer.run(paths, exchange: "binance").unchanged == 4)
        #expect(try treeDigest(folder.path) == before)
    }

    @Test func `margin tiers join what is stored, and stay when other rules change`() throws {
        let folder = try TemporaryFolder()
        let address = Address.parse("binance.perp:BTCUSDT:1h")
        try folder.store.setInstruments(
            [
                InstrumentRecord(
                    symbol: "BTCUSDT",
                    instrument: Instrument(market: .perp, tickSize: DecimalStep("0.1")),
                    dateRead: "2023-01-01"),
                InstrumentRecord(symbol: "BTCUSDT", instrument: Instrument(), dateRead: "x"),
            ], exchange: "binance")
        let funding = #"[{"symbol": "BTCUSDT", "fundingIntervalHours": 4}]"#
        let report = try run(folder, [brackets, funding])
        #expect(report == InstrumentReport(added: 0, changed: 1, unchanged: 0))
        let stored = try #require(try folder.store.instrument(address))
        #expect(stored.tickSize?.description == "0.1")
        #expect(stored.maxLeverage == 125 && stored.fundingHours == 4)
        #expect(
            stored.maintenanceTiers == [
                MaintenanceTier(notionalFloor: 0, rate: 0.004, deduction: 0, maxLeverage: 125),
                MaintenanceTier(
                    notionalFloor: 50_000, rate: 0.005, deduction: 50, maxLeverage: 100),
            ])
        #expect(stored.maintenanceMargin(notional: 100_000) == 450)
        let dates = try folder.store.instruments(exchange: "binance").map(\.dateRead)
        #expect(dates == ["2024-05-06", "x"])
    }

    @Test(arguments: [
        ("{}", "not an answer of exchangeInfo"), ("[]", "an empty list"),
        ("{\"symbols\": [{}]}", "an entry without \"symbol\""),
        (
            "{\"symbols\": [{\"symbol\": \"A\", \"filters\": [{\"filterType\": \"LOT_SIZE\"}]}]}",
            "no \"stepSize\""
        ),
        (
            "{\"symbols\": [{\"symbol\": \"A\", \"filters\": "
                + "[{\"filterType\": \"PRICE_FILTER\", \"tickSize\": \"1e-3\"}]}]}",
            "\"tickSize\" \"1e-3\" is not a step"
        ),
        (
            "[{\"symbol\": \"A\", \"brackets\": []}]", "A: no brackets"
        ),
        (brackets.replacingOccurrences(of: "50.0", with: "51"), "would make the margin continuous"),
        (brackets.replacingOccurrences(of: "0.004", with: "-1"), "is not a number of at least 0"),
        ("[{\"symbol\": \"A\", \"fundingIntervalHours\": 0}]", "from 1 to 24"),
        ("{\"symbols\": [", "found the end of the file"),
    ]) func `bad answers are refused and change nothing`(text: String, reason: String) throws {
        let folder = try TemporaryFolder()
        let found = diagnosis { _ = try run(folder, [text]) }
        #expect(found?.code == .data)
        #expect(found?.message.contains(reason) == true, "\(found?.message ?? "accepted")")
        #expect(!FileManager.default.fileExists(atPath: folder.path + "/datasets"))
    }

    @Test func `only the symbols asked for are taken, and must be there`() throws {
        let folder = try TemporaryFolder()
        let answer = #"{"symbols": [{"symbol": "A"}, {"symbol": "B"}, {"symbol": "币"}]}"#
        #expect(try run(folder, [answer], symbols: ["B"]).added == 1)
        #expect(try folder.store.instruments(exchange: "binance").map(\.symbol) == ["B"])
        #expect(
            diagnosis { _ = try run(folder, [answer], symbols: ["C"]) }?.reason
                == "is in none of the files")
        let all = try run(folder, [answer])
        #expect(all.added == 1 && all.leftOut.map(\.count) == [1])
    }

    @Test func `rules of perpetuals are written and read back`() throws {
        let record = InstrumentRecord(
            symbol: "ETHUSDT",
            instrument: Instrument(
                market: .perp, tickSize: DecimalStep("0.01"), lotSize: DecimalStep("0.001"),
                minQuantity: 0.001, minNotional: 20, maxLeverage: 75,
                maintenanceTiers: [
                    MaintenanceTier(notionalFloor: 0, rate: 0.0065, deduction: 0, maxLeverage: 75)
                ], liquidationFee: 0.0125, fundingHours: 8), dateRead: "2024-01-01")
        #expect(try InstrumentRecord.parse(InstrumentRecord.json([record])) == [record])
    }

    @Test(arguments: [
        ("\"max_leverage\": 0.5", "\"max_leverage\" is not a number of at least 1"),
        ("\"funding_hours\": 8.5", "\"funding_hours\" is not a whole number from 1 to 24"),
        ("\"tiers\": 3", "\"tiers\" is not a list"),
        ("\"tiers\": [{\"flor\": 0}]", "unknown key \"flor\"; did you mean \"floor\"?"),
        (
            "\"tiers\": [{\"floor\": 5, \"rate\": 0.1, \"deduction\": 0, \"max_leverage\": 5}]",
            "tier 1: its floor is not 0"
        ),
    ]) func `bad rules in the file are named`(member: String, reason: String) throws {
        let text = """
            {"format": "lot-instruments", "version": 1, "instruments": [
              {"market": "perp", "symbol": "A", \(member), "read": "2024-01-01"}]}
            """
        #expect(throws: JSONError(offset: 0, reason: "A: " + reason)) {
            try InstrumentRecord.parse(Array(text.utf8))
        }
        let spot = text.replacingOccurrences(of: "perp", with: "spot")
        #expect(throws: JSONError.self) { try InstrumentRecord.parse(Array(spot.utf8)) }
    }

    @Test func `a symbol's line is found among thousands, and a file of another form is read`()
        throws
    {
        let folder = try TemporaryFolder()
        let records = (0..<3_000).map { index in
            InstrumentRecord(
                symbol: "A\(index)",
                instrument: Instrument(
                    market: index % 2 == 0 ? .perp : .spot, minNotional: Double(index)),
                dateRead: "2024-01-01")
        }
        try folder.store.setInstruments(records, exchange: "x")
        let path = folder.path + "/datasets/x/instruments.json"
        let bytes = [UInt8](try #require(FileManager.default.contents(atPath: path)))
        #expect(try InstrumentRecord.parse(bytes).count == 3_000)
        let perp = Address.parse("x.perp:A2998:1h")
        #expect(InstrumentRecord.line(of: perp, in: bytes)?.instrument.minNotional == 2_998)
        #expect(try folder.store.instrument(perp)?.minNotional == 2_998)
        #expect(try folder.store.instrument(Address.parse("x:A2998:1h")) == nil)
        #expect(try folder.store.instrument(Address.parse("x:A1:1h"))?.minNotional == 1)
        let other =
            #"{"version": 1, "format": "lot-instruments", "instruments": "#
            + #"[{"symbol": "B", "market": "spot", "read": "x", "min_notional": 7}]}"#
        try Data(other.utf8).write(to: URL(fileURLWithPath: path))
        #expect(try folder.store.instrument(Address.parse("x:B:1h"))?.minNotional == 7)
    }

    @Test func `rules have one writer at a time, and no writer loses what another added`() throws {
        let folder = try TemporaryFolder()
        func record(_ symbol: String) -> InstrumentRecord {
            InstrumentRecord(
                symbol: symbol, instrument: Instrument(minNotional: 5), dateRead: "2024-01-01")
        }
        try folder.store.changeInstruments(exchange: "binance") { records in
            records.append(record("A"))
            let refused = diagnosis {
                try folder.store.setInstruments([record("B")], exchange: "binance")
            }
            #expect(refused?.code == .tryLater && refused?.kind == "kline.locked")
        }
        try folder.store.changeInstruments(exchange: "binance") { $0.append(record("B")) }
        let stored = try folder.store.instruments(exchange: "binance")
        #expect(stored.map(\.symbol) == ["A", "B"])
    }

    @Test func `rules are the old or the new ones, wherever the writer is stopped`() throws {
        let folder = try TemporaryFolder()
        func record(_ least: Double) -> [InstrumentRecord] {
            [
                InstrumentRecord(
                    symbol: "A", instrument: Instrument(minNotional: least), dateRead: "x")
            ]
        }
        func put(_ least: Double, _ plan: FaultPlan?) throws {
            try KlineStore(root: folder.path + "/datasets", faults: plan)
                .setInstruments(record(least), exchange: "binance")
        }
        try put(1, nil)
        let counter = FaultPlan()
        try put(2, counter)
        #expect(counter.count == 9)
        for index in 0..<counter.count {
            for fault in [Fault.stop, .torn, .error(28)] {
                try put(1, nil)
                let failed = diagnosis { try put(2, FaultPlan(fault, at: index)) } != nil
                let found = try folder.store.instruments(exchange: "binance")
                #expect(found == record(2) || (failed && found == record(1)))
            }
        }
        try put(3, nil)
        #expect(try folder.store.instruments(exchange: "binance") == record(3))
    }

    @Test func `randomly changed answers are refused or read, and never crash`() throws {
        let folder = try TemporaryFolder()
        let info =
            #"{"symbols": [{"symbol": "A", "contractType": "PERPETUAL", "#
            + #""liquidationFee": "0.01", "filters": [{"filterType": "LOT_SIZE", "#
            + #""stepSize": "0.001", "minQty": "0.1"}]}]}"#
        let seeds = [info, brackets].map { Array($0.utf8) }
        var random = Xoshiro256(seed: 5)
        for round in 0..<1_000 {
            var bytes = seeds[round % 2]
            for _ in 0...(random.next() % 3) {
                let at = Int(random.next() % UInt64(bytes.count))
                bytes[at] = UInt8(truncatingIfNeeded: random.next())
            }
            let path = try folder.write("x.json", bytes)
            let importer = InstrumentImport(store: folder.store, today: "2024-01-01")
            let found = diagnosis { _ = try importer.run([path], exchange: "x") }
            #expect(found == nil || found?.code == .data)
            _ = try folder.store.instruments(exchange: "x")
        }
    }
}
