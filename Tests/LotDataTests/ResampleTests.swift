import Foundation
import LotCore
import Testing

@testable import LotData

/// Fifteen-minute bars with all nine columns.
private let quarter = Address.parse("binance:BTCUSDT:15m")
private let minutes15: Int64 = 900_000

private func quarters(_ indices: some Sequence<Int>) -> SeriesTable {
    var table = SeriesTable(.bars(quarter.interval), columns: SeriesColumn.bars)
    for index in indices {
        let price = 100 + Double(index % 7)
        table.append(
            time: start2024 + Int64(index) * minutes15,
            words: [
                0, price.bitPattern, (price + 2).bitPattern, (price - 1).bitPattern,
                (price + 1).bitPattern, 0.1.bitPattern, 10.2.bitPattern, 3, 0.05.bitPattern,
            ])
    }
    return table
}

@Suite struct ResampleTests {
    @Test func `all nine columns are resampled, decimals as decimals`() throws {
        let folder = try TemporaryFolder()
        try folder.store.put(quarters(0..<8), quarter)
        let report = try folder.store.resample(quarter, to: hourly)
        #expect(report.outcome.added == 2 && report.incomplete == [])
        let table = try folder.store.all()
        #expect(table.columns == SeriesColumn.bars)
        #expect(
            table[0]
                == Bar(
                    openTime: start2024, open: 100, high: 105, low: 99, close: 104, volume: 0.4))
        #expect(0.1 + 0.1 + 0.1 != 0.3)
        #expect(table.value(.quoteVolume, 0) == 40.8)
        #expect(table.words[SeriesColumn.trades.index] == [12, 12])
        #expect(table.value(.takerBase, 1) == 0.2)
        let source = try #require(try folder.store.open(hourly).sources.first)
        #expect(source.kind == "resampled" && source.name == "binance:BTCUSDT:15m")
        #expect(
            try source.sha256
                == folder.store.open(quarter).identity(columns: SeriesColumn.bars))
    }

    @Test func `running again adds what is new and changes nothing else`() throws {
        let folder = try TemporaryFolder()
        // Begins at 00:30 and ends at 02:30: only 01:00 is whole.
        try folder.store.put(quarters(2..<10), quarter)
        #expect(try folder.store.resample(quarter, to: hourly).outcome.rows == 1)
        let before = try treeDigest(folder.path)
        let again = try folder.store.resample(quarter, to: hourly)
        #expect(again.outcome.added == 0 && again.outcome.unchanged == 1)
        #expect(try treeDigest(folder.path) == before)
        try folder.store.put(quarters(10..<21), quarter)
        let more = try folder.store.resample(quarter, to: hourly)
        #expect(more.outcome.added == 3 && more.outcome.unchanged == 1)
        #expect(try folder.store.open(hourly).sources.count == 2)
        #expect(try folder.store.all().count == 4)
    }

    @Test func `a bar with missing parts is left out, or kept and recorded`() throws {
        let folder = try TemporaryFolder()
        try folder.store.put(quarters([0, 1, 2, 3, 4, 6, 7, 8, 9, 10, 11]), quarter)
        let hole = IncompleteBar(openTime: start2024 + hour, parts: 3, wholeParts: 4)
        let report = try folder.store.resample(quarter, to: hourly)
        #expect(report.incomplete == [hole] && report.mode == .leaveOut)
        #expect(try folder.store.open(hourly).gaps.map(\.bars) == [1])
        let kept = try folder.store.resample(quarter, to: hourly, incomplete: .keep)
        #expect(kept.incomplete == [hole] && kept.outcome.added == 1)
        let series = try folder.store.open(hourly)
        #expect(series.gaps == [] && series.bars.volume?[1] == 0.3)
        #expect(series.sources.last?.name == "binance:BTCUSDT:15m, incomplete bars kept")
        // The missing part arrives: the bar made without it is a conflict.
        try folder.store.put(quarters([5]), quarter)
        let found = diagnosis { try folder.store.resample(quarter, to: hourly) }
        #expect(found?.kind == "kline.conflict")
        #expect(try folder.store.resample(quarter, to: hourly, replace: true).outcome.replaced == 1)
    }

    @Test func `generated bars stay marked as synthetic`() throws {
        let folder = try TemporaryFolder()
        try folder.store.generate(Address.minutely, rows: 300, seed: 1)
        let target = Address.parse("test:GENUSDT:1h")
        try folder.store.resample(Address.minutely, to: target)
        #expect(try folder.store.list().allSatisfy(\.isSynthetic))
    }

    @Test func `what cannot be made is refused with what can`() throws {
        let folder = try TemporaryFolder()
        try folder.store.put(quarters(1..<4), quarter)
        let finer = Address.parse("binance:BTCUSDT:5m")
        let found = diagnosis { try folder.store.resample(quarter, to: finer) }
        #expect(found?.code == .usage)
        #expect(found?.hint == "from it: 30m 1h 2h 4h 6h 8h 12h 1d 3d 1w")
        #expect(
            diagnosis { try folder.store.resample(quarter, to: hourly) }?.reason
                == "not one bar of 1h has all its time in the series")
        #expect(diagnosis { try folder.store.resample(finer, to: hourly) }?.code == .noInput)
        #expect(try !folder.store.exists(hourly))
        let mark = Address.parse("binance.perp:BTCUSDT:mark_1h")
        #expect(
            diagnosis { try folder.store.resample(quarter, to: mark) }?.kind == "resample.price")
    }

    /// Compares resampled bars with the exchange's own of the same times, column by column, and
    /// returns how many amounts in quote currency differ, which may be by one unit in the last
    /// place: the exchange adds decimals of more digits than a double holds.
    func differences(_ made: SeriesTable, _ own: SeriesTable) -> Int {
        var count = 0
        for row in 0..<made.count {
            let other = own.firstRow(atOrAfter: made.time(row))
            for column in SeriesColumn.bars
            where made.words[column.index][row] != own.words[column.index][other] {
                let one = made.value(column, row)
                let two = own.value(column, other)
                #expect(column == .quoteVolume && abs(one - two) <= two.ulp)
                count += 1
            }
        }
        return count
    }

    @Test(.enabled(if: SharedData.isThere))
    func `quarters of an hour make the exchange's own hours`() throws {
        let folder = try TemporaryFolder()
        let importer = Importer(store: folder.store)
        _ = try importer.run(try SharedData.zips("monthly/klines/BTCUSDT/15m"), as: quarter)
        _ = try importer.run(try SharedData.zips("monthly/klines/BTCUSDT/1h"), as: hourly)
        let target = Address.parse("lab:BTCUSDT:1h")
        let report = try folder.store.resample(quarter, to: target)
        #expect(report.outcome.added == 10_920 && report.incomplete == [])
        #expect(try differences(folder.store.all(target), folder.store.all()) == 1)
    }

    @Test(.enabled(if: SharedData.isThere))
    func `hours make the exchange's own days, save the one with a missing hour`() throws {
        let folder = try TemporaryFolder()
        let importer = Importer(store: folder.store)
        let daily = Address.parse("binance:BTCUSDT:1d")
        let target = Address.parse("lab:BTCUSDT:1d")
        _ = try importer.run(try SharedData.zips("monthly/klines/BTCUSDT/1h"), as: hourly)
        _ = try importer.run([SharedData.root + "/binance-rest/BTCUSDT-1d.json"], as: daily)
        let report = try folder.store.resample(hourly, to: target)
        #expect(report.outcome.added == 1_550)
        #expect(
            report.incomplete.map { CivilTime.dateText($0.openTime) } == ["2023-03-24"])
        let own = try folder.store.all(daily)
        #expect(try differences(folder.store.all(target), own) == 9)
        // The exchange made its bar of the 23 hours too.
        let kept = try folder.store.resample(hourly, to: target, incomplete: .keep)
        #expect(kept.outcome.added == 1)
        #expect(try differences(folder.store.all(target), own) == 9)
    }
}
