import Foundation
import LotCore
import Testing

@testable import LotData

@Suite struct ImportTests {
    /// Imports one text and returns what was stored.
    func stored(_ text: String, _ options: ImportOptions = ImportOptions()) throws -> SeriesTable {
        let folder = try TemporaryFolder()
        let path = try folder.write("x.csv", text)
        _ = try Importer(store: folder.store, options: options).run([path], as: hourly)
        return try folder.store.all()
    }

    @Test func `an archive without a header has nine stored columns`() throws {
        let table = try stored(archiveText(0..<3))
        #expect(table.columns == SeriesColumn.bars)
        #expect(
            table[1]
                == Bar(
                    openTime: start2024 + hour, open: 100, high: 102.5, low: 99.5, close: 101.25,
                    volume: 12.5))
        #expect(table.value(.quoteVolume, 1) == 1262.5)
        #expect(table.words[SeriesColumn.trades.index][1] == 42)
        #expect(table.value(.takerBase, 1) == 6.25)
    }

    @Test func `an archive with a header, in microseconds, in a zip is the same rows`() throws {
        let header =
            "open_time,open,high,low,close,volume,close_time,quote_volume,count,"
            + "taker_buy_volume,taker_buy_quote_volume,ignore\n"
        let plain = try stored(archiveText(0..<5))
        #expect(try stored(header + archiveText(0..<5)) == plain)
        #expect(try stored(archiveText(0..<5, unit: 1_000)) == plain)
        let folder = try TemporaryFolder()
        let entry = ZipBuilder.Entry("BTCUSDT-1h-2024-01.csv", archiveText(0..<5, unit: 1_000))
        let path = try folder.write("BTCUSDT-1h-2024-01.zip", ZipBuilder.bytes([entry]))
        let sum = sha256Hex([UInt8](try #require(FileManager.default.contents(atPath: path))))
        _ = try folder.write("BTCUSDT-1h-2024-01.zip.CHECKSUM", sum + "  BTCUSDT-1h-2024-01.zip\n")
        let report = try Importer(store: folder.store).run([path], as: hourly)
        #expect(report.checksumsVerified == 1)
        #expect(report.files.map(\.kind) == ["binance-archive"])
        #expect(try folder.store.all() == plain)
    }

    @Test(arguments: [
        "Date,Open,High,Low,Close,Vol\n2024-01-01,1,3,0.5,2,9\n2024-01-01 01:00:00,1,3,0.5,2,9\n",
        "\u{feff}time,open,high,low,close,volume\r\n1704067200,1,3,0.5,2,9\r\n"
            + "1704070800,1,3,0.5,2,9\r\n",
        "volume,close,low,high,open,note,TIMESTAMP\n9,2,0.5,3,1,\"a, \"\"b\"\"\",1704067200000\n"
            + "\"9\",2.000,0.50,3,1,,1704070800000",
        "open_time,open,high,low,close,volume\n2024-01-01T00:00Z,1,3,0.5,2,9\n"
            + "2024-01-01T01:00:00.000+00:00,1,3,0.5,2,9\n\n",
    ]) func `plain CSV goes by the names of its columns`(_ text: String) throws {
        let bar = { (time: Int64) in
            Bar(openTime: time, open: 1, high: 3, low: 0.5, close: 2, volume: 9)
        }
        #expect(try stored(text) == SeriesTable([bar(start2024), bar(start2024 + hour)]))
    }

    @Test func `columns are mapped, and absent ones stay absent`() throws {
        let text = "ts,first,high,low,last\n1704067200,1,3,0.5,2\n"
        let options = ImportOptions(columns: "time=ts,open=first,close=last")
        let table = try stored(text, options)
        #expect(table.columns == SeriesColumn.prices)
        #expect(table[0].close == 2)
    }

    @Test func `freqtrade's JSON is imported`() throws {
        let table = try stored(
            "[[1704067200000,1.5,3,0.5,2,9], [1704070800000, 2, 3e0, 1, 2.5, 0.0]]\n")
        #expect(table.count == 2 && table[1].high == 3 && table[0].open == 1.5)
    }

    @Test func `files in any order with overlaps make one commit`() throws {
        let folder = try TemporaryFolder()
        let paths = try [10..<20, 0..<12, 18..<30].enumerated().map { index, rows in
            try folder.write("\(index).csv", archiveText(rows))
        }
        let report = try Importer(store: folder.store).run(paths, as: hourly)
        #expect(report.rowsRead == 10 + 12 + 12)
        #expect(report.outcome.added == 30)
        #expect(report.files.map(\.name) == ["1.csv", "0.csv", "2.csv"])
    }

    @Test func `files that disagree are refused, and nothing is stored`() throws {
        let folder = try TemporaryFolder()
        let one = try folder.write("a.csv", archiveText(0..<10))
        let other = try folder.write(
            "b.csv", archiveText(5..<15).replacingOccurrences(of: "101.25", with: "101.5"))
        let found = diagnosis {
            _ = try Importer(store: folder.store, options: ImportOptions(replace: true))
                .run([one, other], as: hourly)
        }
        #expect(found?.code == .data)
        #expect(found?.subject == escaped(other, limit: 1_024))
        #expect(found?.place == "row 1")
        #expect(found?.reason.contains("2024-01-01T05:00Z disagrees with") == true)
        #expect(!FileManager.default.fileExists(atPath: folder.path + "/datasets"))
    }

    @Test func `decimals are the nearest doubles`() {
        for text in [
            "0.1", "4261.48000000", "3454770.05073206", "9007199254740993", "0.30000000000000004",
            "123456789012345678901234567890.5", "0.000000000000000000000000000001", "0", "00.10",
        ] { #expect(CSVLine.decimal(Array(text.utf8)) == Double(text), "\(text)") }
        var random = Xoshiro256(seed: 11)
        for _ in 0..<20_000 {
            let whole = random.next() >> (random.next() % 60 + 4)
            let text = "\(whole).\(random.next() >> (random.next() % 60))"
            #expect(CSVLine.decimal(Array(text.utf8)) == Double(text), "\(text)")
        }
    }

    @Test func `a line may end anywhere in a piece`() throws {
        // 20,000 lines of 100 bytes and more: several pieces of 1 MiB.
        let table = try stored(archiveText(0..<20_000))
        #expect(table.count == 20_000)
        #expect(table.time(19_999) == start2024 + 19_999 * hour)
    }

    @Test func `a bar that is not closed at now is refused`() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write("x.csv", archiveText(0..<3))
        let now = start2024 + 2 * hour + hour / 2
        let found = diagnosis {
            _ = try Importer(store: folder.store, options: ImportOptions(now: now))
                .run([path], as: hourly)
        }
        #expect(found?.place == "line 3")
        #expect(found?.reason == "bar 2024-01-01T02:00Z is not closed yet")
    }
}
