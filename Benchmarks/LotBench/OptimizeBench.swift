import Foundation
import LotCore
import LotData

/// `lot optimize` itself, from the start of its process to its end: scripts, batches, database,
/// statistics of luck and files among it.
extension Bench {
    private static let crossScript = """
        local S = lot.strategy { name = "bench_cross", params = {
          fast = lot.int { 3, min = 3, max = 60, step = 3 },
          slow = lot.int { 70, min = 70, max = 569 } } }
        function S:rules(ctx, p)
          local fast, slow = ta.sma(ctx.close, p.fast), ta.sma(ctx.close, p.slow)
          return { enter_long = fast:crosses_above(slow), exit_long = fast:crosses_below(slow) }
        end
        return S
        """

    private static let bracketScript = """
        local S = lot.strategy { name = "bench_brackets", params = {
          fast   = lot.int { 8, min = 8, max = 24, step = 4 },
          slow   = lot.int { 40, min = 40, max = 148, step = 12 },
          window = lot.int { 8, min = 8, max = 24, step = 4 },
          stop   = lot.float { 0.01, min = 0.01, max = 0.03, step = 0.005 },
          target = lot.float { 0.02, min = 0.02, max = 0.055, step = 0.005 } } }
        function S:rules(ctx, p)
          local fast, slow = ta.ema(ctx.close, p.fast), ta.ema(ctx.close, p.slow)
          return {
            enter_long = fast:crosses_above(slow) & ta.rsi(ctx.close, p.window):below(65),
            exit_long = fast:crosses_below(slow), stop_loss = p.stop, take_profit = p.target }
        end
        return S
        """

    private static let smallScript = """
        local S = lot.strategy { name = "bench_small", params = {
          fast   = lot.int { 12, min = 5, max = 100 },
          slow   = lot.int { 26, min = 15, max = 200 },
          signal = lot.int { 9, min = 3, max = 60 } } }
        function S:rules(ctx, p)
          local macd, signal = ta.macd(ctx.close, p.fast, p.slow, p.signal)
          return { enter_long = macd:crosses_above(signal), exit_long = macd:crosses_below(signal) }
        end
        return S
        """

    /// A study that was run by the command.
    private struct Study {
        var use: ChildUse
        var wall: Double
    }

    /// Studies of rules and of events over the whole series.
    static func optimize(_ folder: String) throws {
        let sets = min(10_000, setLimit)
        for (name, script) in [
            ("SMA-cross pairs", crossScript), ("sets, three indicators, brackets", bracketScript),
        ] {
            let flags =
                sets == 10_000 ? "--sampler grid" : "--sampler random --trials \(sets)"
            let study = try run(script, flags + " -j 2", folder)
            let evaluations = Double(rows * sets) / 1e6
            let mapped = Double(rows * 48) / 1_048_576
            report(
                "lot optimize, \(sets) \(name), -j 2",
                short(evaluations / study.wall) + " M bar-evaluations/s together, "
                    + short(study.wall) + " s, " + short(study.use.processorSeconds)
                    + " s of processor, "
                    + short(study.use.peakMebibytes - mapped) + " MiB beyond the columns")
        }
        var best = [Double.infinity, .infinity]
        for threads in [1, 2] {
            let flags = "--sampler random --trials 96 -j \(threads)"
            best[threads - 1] = try run(BenchScripts.searchedCross, flags, folder).wall
        }
        report(
            "lot optimize, events, 96 trials",
            short(best[0]) + " s with -j 1, " + short(best[1])
                + " s with -j 2: ×\(short(best[0] / best[1]))")
    }

    /// A study of many trials over few bars: its memory on the way, its database, and `show`.
    static func optimizeMany(_ folder: String, trials: Int) throws {
        let address = try SeriesAddress(parsing: "test:SMALLUSDT:1h")
        try Workspace(root: folder).store.generate(address, rows: 2_000, seed: 1)
        for (sampler, count) in [
            ("sobol", trials / 10), ("sobol", trials), ("tpe", trials / 10),
        ] {
            let study = try run(
                smallScript, "--sampler \(sampler) --trials \(count) -j 2", folder,
                data: "test:SMALLUSDT:1h")
            let size = try FileManager.default.attributesOfItem(
                atPath: folder + "/state/studies.db")[.size]
            let megabytes = ((size as? NSNumber)?.doubleValue ?? .nan) / 1e6
            let show = try shell("'\(binary)' optimize show 1", folder)
            report(
                "lot optimize, \(count) trials of 2,000 bars, \(sampler), -j 2",
                short(study.wall) + " s, "
                    + short(study.use.processorSeconds * 1e3 / Double(count))
                    + " ms of processor a trial, peak " + short(study.use.peakMebibytes)
                    + " MiB, database " + short(megabytes) + " MB, show "
                    + short(show.wall * 1e3) + " ms")
        }
    }

    private static var binary: String {
        FileManager.default.currentDirectoryPath + "/.build/release/lot"
    }

    private static func run(
        _ script: String, _ flags: String, _ folder: String, data: String = "test:BENCHUSDT:1m"
    ) throws -> Study {
        try script.write(toFile: folder + "/study.lua", atomically: true, encoding: .utf8)
        // Each study is the first of its database.
        for name in ["state", "studies"] {
            try? FileManager.default.removeItem(atPath: folder + "/" + name)
        }
        let line = "'\(binary)' optimize study.lua --data \(data) --volume-limit off -q "
        return try shell(line + flags, folder)
    }

    private static func shell(_ line: String, _ folder: String) throws -> Study {
        let start = wallSeconds()
        let words = "cd '\(folder)' && LOT_STATE='\(folder)/state' exec " + line
        guard FileManager.default.isExecutableFile(atPath: binary),
            let use = childUse(["/bin/sh", "-c", words])
        else { throw BenchFailure(reason: line) }
        return Study(use: use, wall: wallSeconds() - start)
    }
}
