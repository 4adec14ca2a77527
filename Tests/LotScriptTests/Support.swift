import Glibc
import LotCore
import LotEngine
import LotMath
import LotScript
import Testing

/// Bars of one hour whose closes are given; open = close before, high and low one beyond.
func makeBars(_ closes: [Double]) -> Bars {
    let hour = Interval("1h") ?? Interval.all[0]
    var last = closes.first ?? 1
    let bars = closes.enumerated().map { index, close in
        defer { last = close }
        return Bar(
            openTime: Int64(index) * hour.milliseconds, open: last, high: max(last, close) + 1,
            low: min(last, close) - 1, close: close, volume: 1_000)
    }
    return Bars(interval: hour, bars)
}

/// A series of an imaginary exchange.
func testAddress(_ market: Market = .spot) throws -> SeriesAddress {
    try SeriesAddress(
        exchange: "test", market: market, symbol: "BTCUSDT", interval: #require(Interval("1h")))
}

/// Makes a strategy of a text; the file is called `s.lua`.
func load(
    _ text: String, _ parameters: [(String, String)] = [], market: Market = .spot,
    seed: UInt64 = 1, limits: ScriptLimits = ScriptLimits(), folder: String = "."
) throws -> ScriptStrategy {
    try ScriptStrategy(
        ScriptFile(name: "s.lua", folder: folder, bytes: Array(text.utf8)),
        parameters: parameters, seed: seed, address: testAddress(market), limits: limits)
}

/// Runs a strategy over closes with the real engine, without fees, slippage or volume limit.
@discardableResult
func run(_ strategy: ScriptStrategy, _ closes: [Double]) throws -> BacktestOutcome {
    try run(strategy.strategy, closes)
}

/// Runs what the engine runs.
@discardableResult
func run(_ strategy: any Strategy, _ closes: [Double]) throws -> BacktestOutcome {
    let bars = makeBars(closes)
    // Coarser bars of the same symbol are made of these, as the command makes them.
    var sources: [SeriesAddress: Bars] = [:]
    for address in strategy.program.sources {
        sources[address] = bars.resampled(to: address.interval)
    }
    let settings = RunSettings(
        makerFee: 0, takerFee: 0, slippage: .none, volumeLimit: nil)
    return try runBacktest(
        strategy,
        BacktestInput(
            bars: bars, window: 0..<bars.count, instrument: Instrument(), settings: settings,
            sources: SourceBars(sources)))
}

/// Loads and runs a text.
@discardableResult
func run(
    _ text: String, _ closes: [Double] = Array(1...20).map(Double.init),
    market: Market = .spot, seed: UInt64 = 1, limits: ScriptLimits = ScriptLimits()
) throws -> BacktestOutcome {
    try run(load(text, market: market, seed: seed, limits: limits), closes)
}

/// A script of events whose `on_bar` is `body`; the text starts at line 1, `body` at line 2.
func onBar(_ body: String, setUp: String = "") -> String {
    "local S = lot.strategy { name = \"t\" } \(setUp) function "
        + "S:on_bar(ctx, bar)\n\(body)\nend\nreturn S"
}

/// The message of the diagnosis that `body` throws, with its code.
func message(_ body: () throws -> Void) -> String {
    do {
        try body()
        return "no error"
    } catch let error as Diagnosis {
        return "\(error.code.rawValue) \(error.message)"
    } catch {
        return "\(error)"
    }
}

/// What a script printed when `body` ran at its first bar.
func printed(_ body: String, seed: UInt64 = 1) throws -> [String] {
    let text = onBar("if done then return end\n\(body)\n", setUp: "done = false;")
    return try run(text, [1, 2], seed: seed).notes.log.filter { $0.time == 3_600_000 }.map(\.text)
}

/// A folder for one test.
struct Folder {
    let path: String

    init() throws {
        var template = Array("/tmp/lot-script-XXXXXX".utf8CString)
        guard let made = unsafe mkdtemp(&template) else { throw FolderError() }
        path = unsafe String(cString: made)
    }

    struct FolderError: Error {}

    func write(_ name: String, _ text: String) throws {
        if let slash = name.firstIndex(of: "/") { unsafe mkdir(path + "/" + name[..<slash], 0o700) }
        guard let file = unsafe fopen(path + "/" + name, "w") else { throw FolderError() }
        unsafe fputs(text, file)
        unsafe fclose(file)
    }

    func link(_ name: String, to target: String) throws {
        guard unsafe symlink(target, path + "/" + name) == 0 else { throw FolderError() }
    }

    func remove() {
        for name in [
            "util.lua", "sub/more.lua", "sub", "code.lua", "broken.lua", "loop.lua", "link.lua",
            "linked", "inner/util.lua", "inner",
        ] { unsafe Glibc.remove(path + "/" + name) }
        unsafe rmdir(path)
    }
}
