import Foundation
import LotCore
import Testing

@testable import LotData

let funding = Dataset.parse("binance.perp:BTCUSDT:funding")
enum Dataset {
    static func parse(_ text: String) -> DatasetAddress {
        guard let address = try? DatasetAddress(parsing: text) else { fatalError(text) }
        return address
    }
}

private let eightHours: Int64 = 28_800_000

/// An archive's text for the fundings `indices`, each stamped some milliseconds late.
func fundingArchive(_ indices: some Sequence<Int>) -> String {
    "calc_time,funding_interval_hours,last_funding_rate\n"
        + indices.map { index in
            "\(start2024 + Int64(index) * eightHours + Int64(index % 4)),8,\(rate(index))\n"
        }.joined()
}

/// A REST answer for the same fundings, with mark prices.
func fundingAnswer(_ indices: some Sequence<Int>) -> String {
    let rows = indices.map { index in
        """
        {"symbol": "BTCUSDT", "fundingRate": "\(rate(index))", "fundingTime": \
        \(start2024 + Int64(index) * eightHours + Int64(index % 4)), \
        "markPrice": "\(40_000 + index).50000000"}
        """
    }
    return "[" + rows.joined(separator: ",\n") + "]"
}

private func rate(_ index: Int) -> String {
    index % 3 == 0 ? "-0.00003750" : "0.0001000\(index % 10)"
}

@Suite struct FundingTests {
    @discardableResult
    func put(
        _ folder: TemporaryFolder, _ name: String, _ text: String, replace: Bool = false,
        columns: String? = nil, now: Int64? = nil
    ) throws -> ImportReport {
        let options = ImportOptions(replace: replace, columns: columns, now: now)
        return try Importer(store: folder.store, options: options).run(
            [try folder.write(name, text)], as: funding)
    }

    func stored(_ folder: TemporaryFolder, before end: Int64? = nil) throws -> FundingSeries {
        try folder.store.funding(exchange: "binance", symbol: "BTC/USDT:USDT", before: end)
    }

    @Test func `an archive's fundings are stored at whole minutes, with their signs`() throws {
        let folder = try TemporaryFolder()
        let entry = ZipBuilder.Entry("BTCUSDT-fundingRate-2024-01.csv", fundingArchive(0..<6))
        let path = try folder.write(
            "BTCUSDT-fundingRate-2024-01.zip", ZipBuilder.bytes([entry]))
        let sum = sha256Hex([UInt8](try #require(FileManager.default.contents(atPath: path))))
        _ = try folder.write(
            "BTCUSDT-fundingRate-2024-01.zip.CHECKSUM",
            sum + "  BTCUSDT-fundingRate-2024-01.zip\n")
        let report = try Importer(store: folder.store).run([path], as: funding)
        #expect(report.checksumsVerified == 1)
        #expect(report.files.map(\.kind) == ["binance-archive"])
        #expect(report.outcome.added == 6 && report.gaps == [])
        let series = try stored(folder)
        #expect(series.times.array == (0..<6).map { start2024 + $0 * eightHours })
        #expect(series.rates.array.prefix(2) == [-0.0000375, 0.00010001])
        #expect(series.markPrices == nil)
        #expect(try folder.store.verify(funding).isClean)
        let before = try treeDigest(folder.path + "/datasets")
        #expect(
            try Importer(store: folder.store).run([path], as: funding).outcome.unchanged == 6)
        #expect(try treeDigest(folder.path + "/datasets") == before)
        _ = try folder.write("BTCUSDT-fundingRate-2024-01.zip.CHECKSUM", String(sum.reversed()))
        #expect(
            diagnosis { _ = try Importer(store: folder.store).run([path], as: funding) }?.kind
                == "import.checksum")
    }

    @Test func `mark prices are taken whichever of archive and answer comes first`() throws {
        let first = try TemporaryFolder()
        try put(first, "a.csv", fundingArchive(0..<10))
        let report = try put(first, "b.json", fundingAnswer(4..<14))
        #expect(
            report.outcome
                == CommitOutcome(
                    added: 4, replaced: 0, unchanged: 0, completed: 6, rows: 14))
        let second = try TemporaryFolder()
        try put(second, "b.json", fundingAnswer(4..<14))
        let again = try put(second, "a.csv", fundingArchive(0..<10))
        #expect(
            again.outcome
                == CommitOutcome(
                    added: 4, replaced: 0, unchanged: 6, completed: 0, rows: 14))
        let third = try TemporaryFolder()
        let paths = [
            try third.write("a.csv", fundingArchive(0..<10)),
            try third.write("b.json", fundingAnswer(4..<14)),
        ]
        _ = try Importer(store: third.store).run(paths, as: funding)
        for folder in [first, second, third] {
            let series = try stored(folder)
            #expect(series.count == 14)
            #expect(series.markPrice(3) == nil)
            #expect(series.markPrice(4) == 40_004.5)
            #expect(series.markPrice(13) == 40_013.5)
            #expect(try series.identity == stored(first).identity)
            #expect(try folder.store.verify(funding).isClean)
        }
    }

    @Test func `another rate at a stored time is a conflict`() throws {
        let folder = try TemporaryFolder()
        try put(folder, "a.json", fundingAnswer(0..<3))
        let before = try treeDigest(folder.path + "/datasets")
        let text = "time,rate\n\(start2024 + eightHours),0.0002\n"
        let found = diagnosis { try put(folder, "b.csv", text) }
        #expect(found?.kind == "kline.conflict" && found?.code == .data)
        #expect(
            found?.reason == "stored and b.csv disagree: rate 0.00010001 and 0.0002")
        #expect(try treeDigest(folder.path + "/datasets") == before)
        try put(folder, "b.csv", text, replace: true)
        let series = try stored(folder)
        #expect(series.rates[1] == 0.0002)
        // The mark price that the new row does not know stays.
        #expect(series.markPrice(1) == 40_001.5)
    }

    @Test func `answers of OKX and Bybit are read, newest first`() throws {
        let okx = """
            {"code": "0", "msg": "", "data": [
             {"instType": "SWAP", "instId": "BTCUSDT", "fundingRate": "0.0001515032",
              "realizedRate": "0.00015", "fundingTime": "1704096000000"},
             {"instType": "SWAP", "instId": "BTCUSDT", "fundingRate": "-0.0000236017",
              "realizedRate": "-0.00002", "fundingTime": "1704067200000"}]}
            """
        let bybit = """
            {"retCode": 0, "result": {"category": "linear", "list": [
             {"symbol": "BTCUSDT", "fundingRate": "0.00015",
              "fundingRateTimestamp": "1704096000000"},
             {"symbol": "BTCUSDT", "fundingRate": "-0.00002",
              "fundingRateTimestamp": "1704067200000"}
            ]}, "time": 1709891679050}
            """
        for text in [okx, bybit] {
            let folder = try TemporaryFolder()
            try put(folder, "x.json", text)
            #expect(try stored(folder).rates.array == [-0.00002, 0.00015])
        }
    }

    @Test func `what is stored later does not change the identity of what was used`() throws {
        let folder = try TemporaryFolder()
        try put(folder, "a.json", fundingAnswer(0..<10))
        let end = start2024 + 10 * eightHours
        let name = try stored(folder, before: end).identity
        #expect(try stored(folder).identity == name && name.count == 64)
        try put(folder, "b.json", fundingAnswer(10..<20))
        #expect(try stored(folder, before: end).identity == name)
        #expect(try stored(folder, before: end).count == 10)
        #expect(try stored(folder).identity != name)
        #expect(try stored(folder, before: 0).count == 0)
    }

    @Test func `a hole is a stretch of more than eight hours`() throws {
        let folder = try TemporaryFolder()
        let report = try put(folder, "a.json", fundingAnswer([0, 1, 2, 5, 6]))
        #expect(
            report.gaps == [
                Gap(from: start2024 + 3 * eightHours, to: start2024 + 5 * eightHours, bars: 2)
            ])
        #expect(try folder.store.verify(funding).isClean)
        let summary = try #require(try folder.store.list().first)
        #expect(summary.address == funding && summary.rows == 5 && summary.gaps == 1)
        #expect(summary.columns == SeriesColumn.funding)
    }

    @Test(arguments: [
        ("time,rate\n2024-01-01T00:00:20Z,0.0001\n", "2024-01-01T00:00:20Z is not within 15 s"),
        ("time,rate\n1704067200000,1.5\n", "rate 1.5 is not between -1 and 1"),
        ("time,rate\n1704067200000,nan\n", "\"nan\" is not a number"),
        ("time,rate\n1704067200000,\n", "empty"),
        ("time,rate,mark_price\n1704067200000,0.1,0\n", "mark_price 0.0 is not above 0"),
        ("time,rate,mark_price\n1704067200000,0.1,-5\n", "\"-5\" is not a decimal number"),
        ("time,rate\n1704096000000,0.1\n1704067200000,0.1\n", "is before the line above"),
        ("time,rate\n1704067200000,0.1\n1704067200003,0.2\n", "repeats 2024-01-01T00:00Z with"),
        ("1704067200000,8,0.0001\n", "no header line"),
        ("time,open,high,low,close\n1704067200000,1,1,1,1\n", "no column \"rate\""),
        ("time,rate\n5,0.1\n", "\"5\" is not a time"),
        ("[]", "no rows"), ("{}", "not a list of funding rates"), ("[1]", "no \"fundingTime\""),
        ("[{\"symbol\": \"ETHUSDT\"}]", "is of ETHUSDT, --as says BTCUSDT"),
        ("[{\"fundingTime\": 1704067200000}]", "no \"fundingRate\" that is a number"),
        ("[{\"fundingTime\": 1704067200000, \"fundingRate\": \"x\"}]", "no \"fundingRate\""),
        (
            "[{\"fundingTime\": 1704067200000, \"fundingRate\": \"0\", \"markPrice\": \"y\"}]",
            "\"markPrice\" is not a number"
        ),
        ("[{\"fundingTime\": 1, \"fundingRate\": \"0\"}]", "time 1 is not between 2009 and 2100"),
        ("[{\"fundingTime\": 1, \"fundingTime\": 2}]", "\"fundingTime\" set twice"),
        ("[[1704067200000, 1, 1, 1, 1, 1]]", "no \"fundingTime\""),
    ]) func `bad files are refused and change nothing`(text: String, reason: String) throws {
        let folder = try TemporaryFolder()
        let found = diagnosis { try put(folder, "x.txt", text) }
        #expect(found?.code == .data, "\(found?.message ?? "accepted")")
        #expect(found?.message.contains(reason) == true, "\(found?.message ?? "accepted")")
        #expect(!FileManager.default.fileExists(atPath: folder.path + "/datasets"))
    }

    @Test func `a funding that is not due yet is refused`() throws {
        let folder = try TemporaryFolder()
        let found = diagnosis { try put(folder, "x.json", fundingAnswer(0..<3), now: start2024) }
        #expect(found?.message.contains("funding 2024-01-01T08:00Z is not due yet") == true)
        try put(folder, "x.json", fundingAnswer(0..<1), now: start2024)
    }

    @Test func `rates written with exponents and columns of other names are read`() throws {
        let folder = try TemporaryFolder()
        try put(
            folder, "x.csv", "when,r\n2024-01-01 00:00:00,-1e-05\n2024-01-01 08:00:00,2.5E-4\n",
            columns: "time=when,rate=r")
        #expect(try stored(folder).rates.array == [-0.00001, 0.00025])
    }

    @Test func `a file of another kind or symbol says so by its name`() throws {
        let folder = try TemporaryFolder()
        let archive = try folder.write("ETHUSDT-fundingRate-2024-01.csv", fundingArchive(0..<3))
        let importer = Importer(store: folder.store)
        #expect(
            diagnosis { _ = try importer.run([archive], as: funding) }?.hint
                == "import it as binance.perp:ETHUSDT:funding")
        #expect(
            diagnosis { _ = try importer.run([archive], as: hourly) }?.message.hasSuffix(
                "holds ETHUSDT funding, --as says binance:BTCUSDT:1h; "
                    + "import it as binance.perp:ETHUSDT:funding") == true)
        let bars = try folder.write("BTCUSDT-1h-2024-01.csv", archiveText(0..<3))
        #expect(
            diagnosis { _ = try importer.run([bars], as: funding) }?.hint
                == "import it as binance.perp:BTCUSDT:1h")
        let marks = Dataset.parse("binance.perp:BTCUSDT:mark_4h")
        #expect(
            diagnosis { _ = try importer.run([bars], as: marks) }?.hint
                == "import it as binance.perp:BTCUSDT:mark_1h")
    }

    @Test(arguments: [
        ("BTCUSD_PERP", true), ("ETHUSD_240628", true), ("BTCUSDT_240628", false),
        ("BTCUSDC_PERP", false), ("BTCUSD", false), ("XUSD_2406", false),
    ]) func `archives of inverse contracts are refused by their names, whatever the folder`(
        _ symbol: String, _ isInverse: Bool
    ) throws {
        let folder = try TemporaryFolder()
        let importer = Importer(store: folder.store)
        let rates = try folder.write("\(symbol)-fundingRate-2024-01.csv", fundingArchive(0..<3))
        let bars = try folder.write("\(symbol)-1h-2024-01.csv", archiveText(0..<3))
        for (file, series) in [(rates, "funding"), (bars, "1h")] {
            let place = Dataset.parse("binance.perp:\(symbol):\(series)")
            let found = diagnosis { _ = try importer.run([file], as: place) }
            let isRefused =
                found?.message.contains("is of contracts margined in their base currency") == true
            #expect(isRefused == isInverse && (found == nil) != isInverse, "\(found as Any)")
        }
    }

    @Test func `damage of a funding series is named`() throws {
        let folder = try TemporaryFolder()
        try put(folder, "a.json", fundingAnswer(0..<10))
        let path = folder.path + "/datasets/binance/perp/BTCUSDT/funding/rate.npy"
        var bytes = [UInt8](try #require(FileManager.default.contents(atPath: path)))
        bytes[4_096 + 8 * 3] ^= 1
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        let report = try folder.store.verify(funding)
        #expect(report.exitCode == 65)
        #expect(
            report.problems.map(\.message) == [
                "datasets/binance/perp/BTCUSDT/funding/rate.npy: block 0 (2024-01-01T00:00Z): "
                    + "damaged; 0 rows before it are good; restore it from a backup, "
                    + "or delete the folder and import again"
            ])
        let before = try treeDigest(folder.path + "/datasets")
        #expect(diagnosis { try put(folder, "b.json", fundingAnswer(10..<12)) }?.code == .data)
        #expect(try treeDigest(folder.path + "/datasets") == before)
    }

    @Test func `a writer stopped anywhere leaves the fundings of before or those of after`() throws
    {
        func prepare() throws -> TemporaryFolder {
            let folder = try TemporaryFolder()
            try put(folder, "a.csv", fundingArchive(0..<10))
            return folder
        }
        let text = fundingAnswer(4..<14)
        func commit(_ folder: TemporaryFolder, _ plan: FaultPlan?) throws {
            let store = KlineStore(root: folder.path + "/datasets", faults: plan)
            _ = try Importer(store: store).run([folder.write("b.json", text)], as: funding)
        }
        let done = try prepare()
        let before = try stored(done).identity
        let counter = FaultPlan()
        try commit(done, counter)
        let after = try stored(done).identity
        #expect(counter.count > 15 && before != after)
        for index in 0..<counter.count {
            for fault in [Fault.stop, .torn, .error(28)] {
                let folder = try prepare()
                let failed = diagnosis { try commit(folder, FaultPlan(fault, at: index)) }
                let found = try stored(folder).identity
                #expect(found == after || (found == before && failed != nil))
                #expect(try folder.store.verify(funding).problems == [])
                try commit(folder, nil)
                #expect(try stored(folder).identity == after)
            }
        }
    }

    @Test func `randomly changed files are refused or make sound rows, and never crash`() throws {
        let folder = try TemporaryFolder()
        let importer = Importer(store: folder.store)
        let okx =
            #"{"data": [{"instId": "BTCUSDT", "realizedRate": "0.1", "#
            + #""fundingTime": "1704067200000"}]}"#
        let csv = "time,rate,mark_price\n2024-01-01T00:00Z,-1.5e-05,\n1704096000,0.25,42000.5\n"
        let seeds = [fundingArchive(0..<3), fundingAnswer(0..<2), okx, csv].map { Array($0.utf8) }
        var random = Xoshiro256(seed: 7)
        var refused = 0
        for round in 0..<2_000 {
            var bytes = seeds[round % seeds.count]
            for _ in 0...(random.next() % 4) {
                let at = Int(random.next() % UInt64(bytes.count))
                switch random.next() % 4 {
                case 0: bytes[at] ^= UInt8(1 << (random.next() % 8))
                case 1: bytes[at] = UInt8(truncatingIfNeeded: random.next())
                case 2: bytes.insert(contentsOf: bytes[at..<min(at + 9, bytes.count)], at: at)
                default: bytes.removeSubrange(at..<min(at + 5, bytes.count - 1))
                }
            }
            let path = try folder.write("x", bytes)
            let found = diagnosis {
                let table = try importer.parse(path, as: funding)
                #expect(table.firstProblem(.funding) == nil)
            }
            if let found {
                refused += 1
                #expect(found.code == .data && !found.message.contains("\n"))
            }
        }
        #expect(refused > 1_000 && refused < 2_000)
    }

    @Test func `a zip that grows too far is refused`() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write(
            "BTCUSDT-fundingRate-2024-01.zip",
            ZipBuilder.bytes([ZipBuilder.Entry(bomb: "BTCUSDT-fundingRate-2024-01.csv")]))
        let found = diagnosis { _ = try Importer(store: folder.store).run([path], as: funding) }
        #expect(found?.reason.contains("grows past 200 times its size") == true)
    }
}
