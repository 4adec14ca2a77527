import Foundation
import LotCore
import Testing

@testable import LotData

/// Measurements for a release build, which run only where `LOT_BENCH` is set.
///
/// They print what they find: `LOT_BENCH=1 swift test -c release -Xswiftc -enable-testing --filter
/// SpeedTests`.
@Suite(.serialized, .enabled(if: ProcessInfo.processInfo.environment["LOT_BENCH"] != nil))
struct SpeedTests {
    static let rows = 1_051_200

    func seconds(_ body: () throws -> Void) rethrows -> Double {
        let clock = ContinuousClock()
        return try clock.measure(body) / .seconds(1)
    }

    /// An archive's CSV of a million generated rows, with values as varied as real ones.
    static func text(_ table: KlineTable) -> [UInt8] {
        func fixed(_ value: Double) -> String {
            let units = Int64((value * 100_000_000).rounded())
            let digits = String(units % 100_000_000)
            let zeros = String(repeating: "0", count: 8 - digits.count)
            return "\(units / 100_000_000).\(zeros)\(digits)"
        }
        var text: [UInt8] = []
        for row in 0..<table.count {
            let time = table.time(row)
            let values = [KlineColumn.open, .high, .low, .close, .volume].map {
                fixed(table.value($0, row))
            }
            let trades = table.words[KlineColumn.trades.index][row]
            let line =
                "\(time)," + values.joined(separator: ",")
                + ",\(time + 59_999),\(fixed(table.value(.quoteVolume, row))),\(trades),"
                + "\(fixed(table.value(.takerBase, row))),\(fixed(1234.5)),0\n"
            text += Array(line.utf8)
        }
        return text
    }

    @Test func `CSV is parsed at 100 MB a second at least`() throws {
        let folder = try TemporaryFolder()
        let table = SyntheticKlines.generate(
            rows: SpeedTests.rows, seed: 1, interval: Address.minutely.interval)
        let bytes = SpeedTests.text(table)
        let path = try folder.write("x.csv", bytes)
        let input = try InputFile(path: path)
        let csv = CSVImport(
            interval: Address.minutely.interval, now: nil, mapping: [], place: input.place)
        var best = Double.infinity
        for _ in 0..<5 {
            var source = try InputFile(path: path)
            var result: CSVImport.Result?
            best = min(best, try seconds { result = try csv.read(&source) })
            #expect(result?.table == table)
        }
        let rate = Double(bytes.count) / best / 1e6
        print("bench parse: \(bytes.count) bytes, \(best) s, \(rate) MB/s")
        let store = folder.store
        let whole = try seconds {
            _ = try Importer(store: store).run([path], as: Address.minutely)
        }
        print("bench import with SHA-256, commit and fsync: \(whole) s")
        #expect(rate > 100)
    }

    @Test func `a series of 1,051,200 bars opens within a millisecond`() throws {
        let folder = try TemporaryFolder()
        let generating = try seconds {
            try folder.store.generate(Address.minutely, rows: SpeedTests.rows, seed: 1)
        }
        print("bench generate: \(generating) s")
        var times: [Double] = []
        for _ in 0..<50 {
            var series: StoredSeries?
            times.append(try seconds { series = try folder.store.open(Address.minutely) })
            #expect(series?.rows == SpeedTests.rows)
        }
        print("bench open: first \(times[0] * 1e3) ms, median \(times.sorted()[25] * 1e3) ms")
        let series = try folder.store.open(Address.minutely)
        print("bench identity: \(try seconds { _ = try series.identity() } * 1e3) ms")
        print(
            "bench identity inside a block: "
                + "\(try seconds { _ = try series.identity(rows: 999_999) } * 1e3) ms"
        )
        print("bench verify: \(try seconds { _ = try folder.store.verify(Address.minutely) }) s")
        #expect(times.sorted()[25] < 0.001)
    }
}
