import Foundation
import LotCore
import Testing

@testable import LotStore

@Suite struct RunStoreTests {
    private func run(_ folder: String, _ id: String = "a1", at time: Int64 = 7) -> RunRecord {
        var run = RunRecord(
            folder: folder, workspace: "/w", runID: id, strategy: "sma", script: "sma.lua",
            scriptHash: "5a", series: "binance:BTCUSDT:1h", firstTime: -5, lastTime: 1 << 50,
            parameters: #"{"fast": 9}"#, metrics: #"{"sharpe": 0.1}"#, engineVersion: "0.1.0",
            startedMs: 3, finishedMs: time, manifestStamp: time * 1_000_000)
        run.main.sharpe = 0.1
        run.main.maxDrawdown = .leastNonzeroMagnitude
        run.main.trades = 12
        return run
    }

    private func stored(_ store: RunStore) throws -> [RunRecord] {
        try store.runs(of: nil).map { run in
            var run = run
            run.id = 0
            return run
        }
    }

    @Test func `a run comes back as it was landed`() throws {
        let box = try Box()
        let store = RunStore(box.state)
        #expect(try store.runs(of: nil) == [])
        #expect(try !box.state.exists())
        // Text is data, whatever it looks like.
        var odd = run("/w/reports/'); DROP TABLE backtests; --", at: 8)
        odd.strategy = "naïve \u{1F600} \"x\""
        odd.startedMs = nil
        odd.main.totalReturn = .infinity
        try store.land([run("/w/reports/a"), odd])
        #expect(try stored(store) == [odd, run("/w/reports/a")])
        #expect(try box.mode("state/lot.db") == 0o600)
        #expect(try store.runs(of: "/w").count == 2)
        #expect(try store.runs(of: "/v") == [])
        // A metric that is not a number is undefined.
        odd.main.sharpe = .nan
        try store.land([odd])
        #expect(try stored(store).first?.main.sharpe == nil)
    }

    @Test func `a folder has one row, that of the last run in it`() throws {
        let box = try Box()
        let store = RunStore(box.state)
        try store.land([run("/w/a", at: 1), run("/w/b", at: 2)])
        try store.land([run("/w/a", "other", at: 3)])
        #expect(try stored(store) == [run("/w/a", "other", at: 3), run("/w/b", at: 2)])
        try store.land([run("/w/a", "third", at: 4), run("/w/c", at: 5)], keepsKnown: true)
        #expect(try stored(store).map(\.runID) == ["a1", "other", "a1"])
        try store.forget(try store.runs(of: nil).filter { $0.folder != "/w/b" })
        #expect(try stored(store) == [run("/w/b", at: 2)])
    }

    @Test func `a write without GRDB has the switches that GRDB's connections have`() throws {
        let file = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../Sources/CSQLite/write.c")
        let text = try String(contentsOf: file, encoding: .utf8)
        for item in StoreDatabase.switches {
            let line =
                #"{"PRAGMA \#(item.name) = \#(item.value)", "PRAGMA \#(item.name)", "#
                + #""\#(item.value)"},"#
            #expect(text.contains(line), "\(line)")
        }
        #expect(
            text.components(separatedBy: "{\"PRAGMA ").count - 1 == StoreDatabase.switches.count)
    }

    @Test func `a row that does not fit leaves none of its batch`() throws {
        let box = try Box()
        _ = try StoreDatabase.writing(.runs, in: box.state)
        let found = problem { () throws(Diagnosis) in
            try StoreDatabase.write(
                .runs, in: box.state, "DELETE FROM series WHERE workspace = ? AND folder = ?",
                [[.text("a")]])
        }
        #expect(found?.kind == "database.unexpected")
        let store = RunStore(box.state)
        let half = problem { () throws(Diagnosis) in
            try StoreDatabase.write(
                .runs, in: box.state,
                """
                INSERT INTO series (workspace, folder, address, venue, market, symbol, kind,
                    row_count, gaps, missing, is_synthetic, columns, bytes, changed_ms, stamp)
                VALUES ('/w', ?, '', '', '', '', '', ?, 0, 0, 0, '', 0, 0, '')
                """,
                [[.text("a"), .integer(1)], [.text("b"), .text("no number")]])
        }
        #expect(half != nil)
        #expect(try SeriesStore(box.state).series(of: "/w") == [])
        try store.land([run("/w/a")])
    }

    @Test func `what keeps a run out says what to do, and the next try is as if nothing was`()
        throws
    {
        let box = try Box()
        var store = RunStore(box.state)
        store.seconds = 0.05
        try store.land([run("/w/a")])
        let path = box.path("state/lot.db")
        let good = try Data(contentsOf: URL(filePath: path))
        let land = { () throws(Diagnosis) in try store.land([run("/w/b", at: 9)]) }

        let holder = try StoreDatabase.writing(.runs, in: box.state)
        let locked = try holder.write { _ in problem(land) }
        #expect(locked?.code == .tryLater)
        #expect(locked?.subject == path)

        // Root may write everywhere, but not open a folder as a journal.
        try FileManager.default.createDirectory(
            atPath: path + "-journal", withIntermediateDirectories: false)
        let blocked = problem(land)
        #expect(blocked?.code == .io || blocked?.code == .cannotCreate)
        try FileManager.default.removeItem(atPath: path + "-journal")
        #expect(try Data(contentsOf: URL(filePath: path)) == good)

        for (place, reason) in [(63, "schema"), (68, "another program")] {
            var bytes = good
            bytes[place] ^= 0x40
            try bytes.write(to: URL(filePath: path))
            let found = problem(land)
            #expect(found?.code == .data)
            #expect(found?.reason.contains(reason) == true, "\(found?.message ?? "nothing")")
        }
        try Data(repeating: 0x41, count: 9_000).write(to: URL(filePath: path))
        #expect(problem(land)?.kind == "database.foreign")
        try good.write(to: URL(filePath: path))
        try store.land([run("/w/b", at: 9)])
        #expect(try stored(store).count == 2)
    }

    @Test func `processes that land at once all land`() throws {
        let box = try Box()
        let children = try (0..<6).map { index in
            try StoreChild(["land", box.state.path, "p\(index)", "15", "100"])
        }
        for child in children {
            #expect(child.rest().last == "14")
            #expect(child.code == 0)
        }
        #expect(try RunStore(box.state).runs(of: "/w").count == 90)
    }

    @Test func `a kill loses no run that was acknowledged`() throws {
        for lines in 0..<6 {
            let box = try Box()
            let child = try StoreChild(["land", box.state.path, "a", "100000", "3000"])
            var acknowledged = 0
            for _ in 0..<(lines + 1) {
                acknowledged = Int(try #require(child.line())) ?? acknowledged
            }
            usleep(UInt32(lines) * 900)
            for line in child.kill() { acknowledged = max(acknowledged, Int(line) ?? 0) }
            let runs = try RunStore(box.state).runs(of: nil)
            #expect(runs.count >= acknowledged + 1)
            #expect(runs.map(\.runID) == (0..<runs.count).reversed().map { "\($0)" })
            let database = try #require(try StoreDatabase.reading(.runs, in: box.state))
            #expect(try database.damage() == [])
        }
    }

    @Test func `a full disk keeps a run out and leaves the others whole`() throws {
        let box = try Box()
        try RunStore(box.state).land([run("/w/first", at: 1_000_000)])
        // 256 KiB, in blocks of 512 bytes.
        let child = try StoreChild(["land", box.state.path, "a", "1000", "3000"], limit: 512)
        let lines = child.rest()
        #expect(child.code == ExitCode.io.rawValue)
        #expect(lines.last?.contains("lot.db") == true)
        let acknowledged = lines.compactMap(Int.init).count
        #expect(acknowledged > 0)
        let store = RunStore(box.state)
        #expect(try store.runs(of: nil).count == acknowledged + 1)
        try store.land([run("/w/last")])
        let database = try #require(try StoreDatabase.reading(.runs, in: box.state))
        #expect(try database.damage() == [])
    }

    @Test func `the catalogue keeps one row for each series of a workspace`() throws {
        let box = try Box()
        let store = SeriesStore(box.state)
        #expect(try store.series(of: "/w") == [])
        var one = SeriesRecord(
            workspace: "/w", folder: "binance/spot/BTCUSDT/1h", address: "binance:BTCUSDT:1h",
            venue: "binance", market: "spot", symbol: "BTCUSDT", interval: "1h", kind: "trades",
            rows: 5, firstTime: 1, lastTime: 9, gaps: 1, missing: 4, isSynthetic: true,
            columns: ["open_time", "close"], bytes: 77, changedMs: 8, stamp: "0f")
        var other = one
        other.folder = "binance/perp/BTCUSDT/funding"
        other.interval = nil
        (other.firstTime, other.lastTime) = (nil, nil)
        var elsewhere = one
        elsewhere.workspace = "/v"
        try store.enter([one, other, elsewhere])
        #expect(try store.series(of: "/w") == [other, one])
        let file = URL(filePath: box.path("state/lot.db"))
        let before = try Data(contentsOf: file)
        try store.enter([one, other])
        #expect(try Data(contentsOf: file) == before)
        (one.rows, one.stamp) = (6, "10")
        try store.enter([one])
        try store.remove([other.folder, "not/there"], of: "/w")
        #expect(try store.series(of: "/w") == [one])
        #expect(try store.series(of: "/v") == [elsewhere])
    }
}
