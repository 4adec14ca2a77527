import CSystem
import Foundation
import LotCore
import Testing

@testable import LotData

@Suite struct SeriesTests {
    @Test func `a header is 4,096 known bytes that numpy reads`() {
        let header = NpyHeader.bytes(.close, rows: 744)
        // Magic, version 1.0, length 4,086 = 0x0ff6 little-endian.
        #expect(header.prefix(10) == [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, 0xf6, 0x0f])
        let text = "{'descr': '<f8', 'fortran_order': False, 'shape': (                 744,), }"
        #expect(Array(header[10..<10 + text.utf8.count]) == Array(text.utf8))
        #expect(header[(10 + text.utf8.count)..<4_095].allSatisfy { $0 == 0x20 })
        #expect(header.count == 4_096 && header[4_095] == 0x0a)
        #expect(NpyHeader.problem(header, column: .close) == nil)
    }

    @Test func `digests and check sums have their published values`() {
        // FIPS 180-4, "abc"; RFC 3720 B.4, the nine digits.
        #expect(
            sha256Hex(Array("abc".utf8))
                == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        let digits = Array("123456789".utf8)
        let crc = unsafe digits.withUnsafeBytes { unsafe lot_crc32c($0.baseAddress, $0.count) }
        #expect(crc == 0xe306_9283)
    }

    @Test func `stored rows come back, mapped and exact`() throws {
        let folder = try TemporaryFolder()
        let table = sampleTable(0..<10)
        try folder.store.put(table)
        let series = try folder.store.open(hourly)
        #expect(series.rows == 10)
        #expect(series.bars[3] == table[3])
        #expect(series.columns == [.openTime, .open, .high, .low, .close, .volume])
        #expect(series.gaps == [])
        #expect(try folder.store.all() == table)
        // 4,096 bytes of header and 10 rows of 8 bytes.
        let size = try FileManager.default.attributesOfItem(
            atPath: folder.path + "/datasets/binance/spot/BTCUSDT/1h/close.npy")[.size]
        #expect(size as? Int == 4_096 + 80)
    }

    @Test func `an append, a back-fill, a filled hole and a replacement keep order and gaps`()
        throws
    {
        let store = try TemporaryFolder()
        #expect(
            try store.store.put(sampleTable(10..<20))
                == CommitOutcome(added: 10, replaced: 0, unchanged: 0, rows: 10))
        #expect(try store.store.put(sampleTable(25..<30)).added == 5)
        let hole = Gap(from: start2024 + 20 * hour, to: start2024 + 25 * hour, bars: 5)
        #expect(try store.store.open(hourly).gaps == [hole])
        #expect(try store.store.put(sampleTable(0..<5)).rows == 20)
        #expect(try store.store.open(hourly).gaps.map(\.bars) == [5, 5])
        #expect(try store.store.put(sampleTable(5..<25)).added == 10)
        #expect(try store.store.all() == sampleTable(0..<30))
        #expect(try store.store.open(hourly).gaps == [])
        let changed = sampleTable(7..<8, shift: 0.5)
        #expect(
            try store.store.put(changed, replace: true)
                == CommitOutcome(added: 0, replaced: 1, unchanged: 0, rows: 30))
        #expect(try store.store.open(hourly).bars[7].open == 107.5)
    }

    @Test func `rows that are there already change nothing`() throws {
        let folder = try TemporaryFolder()
        try folder.store.put(sampleTable(0..<30))
        let before = try treeDigest(folder.path)
        let outcome = try folder.store.put(sampleTable(5..<30))
        #expect(outcome == CommitOutcome(added: 0, replaced: 0, unchanged: 25, rows: 30))
        #expect(try treeDigest(folder.path) == before)
    }

    @Test func `a bar that disagrees is a conflict that names row, time and values`() throws {
        let folder = try TemporaryFolder()
        try folder.store.put(sampleTable(0..<30))
        let before = try treeDigest(folder.path)
        let found = diagnosis { try folder.store.put(sampleTable(4..<40, shift: 1)) }
        #expect(found?.code == .data)
        #expect(
            found?.message
                == "binance:BTCUSDT:1h: row 5, 2024-01-01T04:00Z: stored and test disagree: "
                + "open 104.0 and 105.0, high 106.0 and 107.0, low 103.0 and 104.0, "
                + "close 105.0 and 106.0 (and 25 more rows); --replace accepts the new values")
        #expect(try treeDigest(folder.path) == before)
    }

    @Test func `an append leaves the identity of earlier rows unchanged`() throws {
        let folder = try TemporaryFolder()
        let rows = BlockDigest.rows
        let table = SyntheticKlines.generate(
            rows: rows + 300, seed: 7, interval: Address.minutely.interval)
        var first = SeriesTable(.bars(hourly.interval), columns: SeriesColumn.bars)
        first.append(table, rows: 0..<rows + 100)
        try folder.store.put(first, Address.minutely)
        let before = try folder.store.open(Address.minutely)
        let inside = try before.identity(columns: [.openTime, .close], rows: 50)
        let whole = try before.identity()
        try folder.store.put(table, Address.minutely)
        let after = try folder.store.open(Address.minutely)
        #expect(try after.identity(columns: [.close, .openTime], rows: 50) == inside)
        #expect(try after.identity(rows: rows + 100) == whole)
        #expect(try after.identity() != whole)
        #expect(try after.identity(rows: rows) == before.identity(rows: rows))
        // A reader keeps the rows it opened with.
        #expect(before.rows == rows + 100 && after.rows == rows + 300)
        #expect(try folder.store.verify(Address.minutely).isClean)
    }

    @Test func `a reader keeps its rows while the folder is swapped away`() throws {
        let folder = try TemporaryFolder()
        try folder.store.put(sampleTable(10..<20))
        let reader = try folder.store.open(hourly)
        try folder.store.put(sampleTable(0..<15))
        #expect(reader.rows == 10 && reader.bars[0] == sampleTable(10..<11)[0])
        #expect(try folder.store.open(hourly).rows == 20)
    }

    @Test func `readers see whole states while a writer appends and swaps`() async throws {
        let folder = try TemporaryFolder()
        try folder.store.put(sampleTable(500..<510))
        let writer = Task.detached {
            for step in 1...60 {
                // Even steps append five rows, odd ones put five before the first: a new folder.
                let half = step / 2 * 5
                let rows = step % 2 == 0 ? 505 + half..<510 + half : 495 - half..<500 - half
                try folder.store.put(sampleTable(rows))
            }
        }
        var seen = 0
        for _ in 0..<2_000 {
            let series = try folder.store.open(hourly)
            #expect(series.rows >= seen && series.rows % 5 == 0)
            seen = series.rows
            let first = Int((series.firstTime - start2024) / hour)
            let expected = sampleTable(first..<first + series.rows)
            #expect(series.bars[0] == expected[0])
            #expect(series.bars[series.rows - 1] == expected[series.rows - 1])
            if seen == 310 { break }
        }
        try await writer.value
        // 10 rows, and 60 times 5.
        #expect(try folder.store.all().count == 310)
    }

    @Test func `gaps of a range are those between its rows`() throws {
        let folder = try TemporaryFolder()
        try folder.store.put(sampleTable([0, 1, 4, 5, 9]))
        let series = try folder.store.open(hourly)
        #expect(series.gaps.map(\.bars) == [2, 3])
        #expect(series.gaps(in: 0..<2) == [])
        #expect(series.gaps(in: 1..<3).map(\.bars) == [2])
        #expect(series.gaps(in: 2..<5).map(\.bars) == [3])
    }

    @Test func `filled gaps are flat bars of zero volume at the last close`() throws {
        let bars = Bars(interval: hourly.interval, [0, 3].map { sampleTable($0..<$0 + 1)[0] })
        let filled = bars.fillingGaps()
        #expect(filled.count == 4)
        // Bar 0 opens at 100 and closes at 101.
        #expect(
            filled[2]
                == Bar(
                    openTime: start2024 + 2 * hour, open: 101, high: 101, low: 101, close: 101,
                    volume: 0))
        #expect(filled[3] == bars[1])
    }

    @Test func `a second writer is told who holds the series`() throws {
        let folder = try TemporaryFolder()
        try folder.store.put(sampleTable(0..<5))
        let parent = try #require(try folder.store.openParent(SeriesPlace(hourly)))
        let lock = try SeriesLock.take(SeriesPlace(hourly), in: parent, FileOperations())
        let found = diagnosis { try folder.store.put(sampleTable(0..<9)) }
        #expect(found?.code == .tryLater)
        #expect(found?.reason.contains("pid \(getpid()) on ") == true)
        withExtendedLifetime(lock) {}
    }

    @Test func `a missing series names the command that imports it`() throws {
        let folder = try TemporaryFolder()
        let found = diagnosis { _ = try folder.store.open(hourly) }
        #expect(found?.code == .noInput)
        #expect(found?.hint == "lot data import FILES… --as binance:BTCUSDT:1h")
        #expect(try folder.store.list() == [])
    }

    @Test func `list finds series copied by hand and shows damage`() throws {
        let folder = try TemporaryFolder()
        try folder.store.put(sampleTable(0..<5))
        try folder.store.generate(Address.minutely, rows: 20, seed: 1)
        let broken = folder.path + "/datasets/okx/perp/BTC-USDT-SWAP/1h"
        try FileManager.default.createDirectory(
            atPath: broken, withIntermediateDirectories: true)
        try Data("{".utf8).write(to: URL(fileURLWithPath: broken + "/series.json"))
        let list = try folder.store.list()
        #expect(
            list.map(\.address?.description)
                == ["binance:BTCUSDT:1h", "okx.perp:BTC-USDT-SWAP:1h", "test:GENUSDT:1m"])
        #expect(list.map(\.rows) == [5, 0, 20])
        #expect(list[1].problem?.code == .data)
        #expect(list.map(\.isSynthetic) == [false, false, true])
    }

    @Test func `a list takes over what it knows of files that are as they were`() throws {
        let folder = try TemporaryFolder()
        try folder.store.put(sampleTable(0..<5))
        try folder.store.generate(Address.minutely, rows: 20, seed: 1)
        let first = try folder.store.list()
        #expect(first.allSatisfy { $0.bytes > 0 && $0.changedMs > 0 && $0.stamp.count == 16 })
        var known: [String: SeriesSummary] = [:]
        for var summary in first {
            // No file says so: it can only come from here.
            summary.gaps = 77
            known[summary.folder] = summary
        }
        #expect(try folder.store.list(known: known).map(\.gaps) == [77, 77])
        try folder.store.put(sampleTable(5..<6))
        let second = try folder.store.list(known: known)
        #expect(second.map(\.gaps) == [0, 77] && second.map(\.rows) == [6, 20])
        #expect(try folder.store.summary(of: .bars(hourly)) == second[0])
    }

    @Test func `instruments are written and read back, misspelt keys are refused`() throws {
        let folder = try TemporaryFolder()
        try folder.store.put(sampleTable(0..<5))
        #expect(try folder.store.instrument(hourly) == nil)
        let rules = Instrument(
            tickSize: DecimalStep("0.01"), lotSize: DecimalStep("0.00001"), minQuantity: 0.00001,
            minNotional: 5)
        let record = InstrumentRecord(
            symbol: "BTCUSDT", instrument: rules, dateRead: "2024-01-01")
        try folder.store.setInstruments([record], exchange: "binance")
        #expect(try folder.store.instrument(hourly) == rules)
        let path = folder.path + "/datasets/binance/instruments.json"
        let text = try String(contentsOfFile: path, encoding: .utf8)
        try Data(text.replacingOccurrences(of: "tick", with: "tikc").utf8)
            .write(to: URL(fileURLWithPath: path))
        let found = diagnosis { _ = try folder.store.instrument(hourly) }
        #expect(found?.code == .data)
        #expect(found?.reason == "BTCUSDT: unknown key \"tikc\"; did you mean \"tick\"?")
    }

    @Test func `generated klines are the same bytes for the same seed`() throws {
        let interval = Address.minutely.interval
        let table = SyntheticKlines.generate(rows: 500, seed: 42, interval: interval)
        #expect(table == SyntheticKlines.generate(rows: 500, seed: 42, interval: interval))
        #expect(table != SyntheticKlines.generate(rows: 500, seed: 43, interval: interval))
        #expect(table.firstProblem(.bars(interval)) == nil)
        #expect(table.time(0) == 1_672_531_200_000)
        // A prefix of a longer series: rows do not depend on how many follow.
        #expect(SyntheticKlines.generate(rows: 9, seed: 42, interval: interval)[8] == table[8])
    }

    @Test func `generated returns cluster: large moves follow large moves`() {
        let table = SyntheticKlines.generate(
            rows: 20_000, seed: 3, interval: Address.minutely.interval)
        let squares = (1..<table.count).map { row in
            let change = table.value(.close, row) / table.value(.close, row - 1) - 1
            return change * change
        }
        let mean = squares.reduce(0, +) / Double(squares.count)
        var covariance = 0.0
        var variance = 0.0
        for index in 1..<squares.count {
            covariance += (squares[index] - mean) * (squares[index - 1] - mean)
            variance += (squares[index] - mean) * (squares[index] - mean)
        }
        // Independent returns would give 0 ± 2/√20,000 = ± 0.014.
        #expect(covariance / variance > 0.05)
    }
}
