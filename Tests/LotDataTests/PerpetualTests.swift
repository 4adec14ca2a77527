import Foundation
import LotCore
import Testing

@testable import LotData

private let perp = Address.parse("binance.perp:BTCUSDT:1h")
private let mark = Address.parse("binance.perp:BTCUSDT:mark_1h")
private let header =
    "open_time,open,high,low,close,volume,close_time,quote_volume,count,taker_buy_volume,"
    + "taker_buy_quote_volume,ignore\n"

/// An archive of the mark price: no volume, and the number of samples as count.
private func markArchive(_ indices: some Sequence<Int>) -> String {
    header
        + indices.map { index in
            let time = start2024 + Int64(index) * hour
            return "\(time),42313.9,42775.4,42299.5,42593.2,0,\(time + hour - 1),0,3600,0,0,0\n"
        }.joined()
}

@Suite struct PerpetualTests {
    @Test func `an archive of perpetuals with a header has nine columns`() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write("BTCUSDT-1h-2024-01.csv", header + archiveText(0..<5))
        let report = try Importer(store: folder.store).run([path], as: perp)
        #expect(report.files.map(\.kind) == ["binance-archive"])
        #expect(try folder.store.open(perp).columns == SeriesColumn.bars)
    }

    @Test func `bars of the mark price are stored without volumes`() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write("BTCUSDT-1h-2024-01.csv", markArchive(0..<5))
        _ = try Importer(store: folder.store).run([path], as: mark)
        let series = try folder.store.open(mark)
        #expect(series.columns == SeriesColumn.prices && series.bars.volume == nil)
        #expect(series.bars.close[4] == 42593.2)
        #expect(try folder.store.verify(mark).isClean)
        #expect(try folder.store.list().map(\.address) == [.bars(mark)])
        #expect(
            try FileManager.default.contentsOfDirectory(
                atPath: folder.path + "/datasets/binance/perp/BTCUSDT"
            ).sorted() == ["mark_1h", "mark_1h.lock"])
        let four = Address.parse("binance.perp:BTCUSDT:mark_4h")
        try folder.store.resample(mark, to: four)
        #expect(try folder.store.open(four).columns == SeriesColumn.prices)
    }

    @Test func `bars of trades and of the mark price are told apart by their content`() throws {
        let folder = try TemporaryFolder()
        let importer = Importer(store: folder.store)
        let marks = try folder.write("BTCUSDT-1h-2024-01.csv", markArchive(0..<5))
        #expect(
            diagnosis { _ = try importer.run([marks], as: perp) }?.hint
                == "import it as exchange.perp:SYMBOL:mark_1h")
        let trades = try folder.write("x.csv", header + archiveText(0..<5))
        #expect(
            diagnosis { _ = try importer.run([trades], as: mark) }?.reason
                == "has volumes: bars of trades, not of the mark price")
        #expect(!FileManager.default.fileExists(atPath: folder.path + "/datasets"))
    }

    @Test(arguments: [
        ("futures/um/monthly/klines/BTCUSDT/1h", hourly, "import it as binance.perp:BTCUSDT:1h"),
        ("spot/daily/klines/BTCUSDT/1h", perp, "import it as binance:BTCUSDT:1h"),
        (
            "futures/um/monthly/markPriceKlines/BTCUSDT/1h", perp,
            "import it as binance.perp:BTCUSDT:mark_1h"
        ),
        (
            "futures/cm/monthly/klines/BTCUSD_PERP/1h", perp,
            "only linear contracts are modelled: data of futures/um"
        ),
    ]) func `the folders of an archive say what a file is`(
        path: String, address: SeriesAddress, hint: String
    ) throws {
        let folder = try TemporaryFolder()
        try FileManager.default.createDirectory(
            atPath: folder.path + "/data/" + path, withIntermediateDirectories: true)
        let file = try folder.write(
            "data/\(path)/BTCUSDT-1h-2024-01.csv", header + archiveText(0..<3))
        #expect(
            diagnosis { _ = try Importer(store: folder.store).run([file], as: address) }?.hint
                == hint)
        #expect(!FileManager.default.fileExists(atPath: folder.path + "/datasets"))
    }

    @Test func `generated perpetuals have fundings every eight hours with the bars' prices`() throws
    {
        let folder = try TemporaryFolder()
        let bars = Address.parse("test.perp:GENUSDT:1h")
        let rates = try FundingAddress(exchange: "test", symbol: "GENUSDT")
        try folder.store.generate(bars, rows: 100, seed: 9)
        #expect(try folder.store.generate(rates, over: bars, seed: 9).added == 13)
        let series = try folder.store.funding(exchange: "test", symbol: "GENUSDT")
        let stored = try folder.store.open(bars)
        for row in 0..<series.count {
            #expect(series.times[row] == SyntheticKlines.defaultStart + Int64(row) * 28_800_000)
            #expect(abs(series.rates[row]) <= 0.0075)
            #expect(series.markPrice(row) == stored.bars.open[row * 8])
        }
        #expect(Set(series.rates.array).count == 13)
        #expect(try folder.store.generate(rates, over: bars, seed: 9).unchanged == 13)
        #expect(try folder.store.list().allSatisfy(\.isSynthetic))
        #expect(try folder.store.verify(.funding(rates)).isClean)
    }
}
