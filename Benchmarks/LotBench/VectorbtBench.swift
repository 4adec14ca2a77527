import Foundation

extension Bench {
    private static let hundredScript = """
        local S = lot.strategy { name = "bench_hundred", params = {
          fast = lot.int { 5, min = 5, max = 50, step = 5 },
          slow = lot.int { 60, min = 60, max = 240, step = 20 } } }
        function S:rules(ctx, p)
          local fast, slow = ta.sma(ctx.close, p.fast), ta.sma(ctx.close, p.slow)
          return { enter_long = fast:crosses_above(slow), exit_long = fast:crosses_below(slow) }
        end
        return S
        """

    /// The hundred pairs by `lot optimize`, and by vectorbt where Python has it; both from the same
    /// bars with the same fees, and their total returns compared (`Benchmarks/vectorbt_sweep.py`).
    static func vectorbt(_ folder: String) throws {
        let files = FileManager.default
        let python = ProcessInfo.processInfo.environment["LOT_BENCH_PYTHON"] ?? "python3"
        let (here, name) = (files.currentDirectoryPath, "side by side with vectorbt")
        let binary = here + "/.build/release/lot"
        guard files.isExecutableFile(atPath: binary) else {
            return report(name, "not built: make build")
        }
        guard childUse(["/bin/sh", "-c", "exec \(python) -c 'import vectorbt' 2>/dev/null"]) != nil
        else {
            return report(
                name,
                "skipped: no vectorbt; pip install 'vectorbt[rust]', or name a Python "
                    + "that has it in LOT_BENCH_PYTHON")
        }
        try hundredScript.write(toFile: folder + "/hundred.lua", atomically: true, encoding: .utf8)
        let start = "cd '\(folder)' && LOT_STATE='\(folder)/state' exec '\(binary)' "
        let sweep =
            "optimize hundred.lua --data test:BENCHUSDT:1m --sampler grid -j 1 -q --no-report "
            + "--volume-limit off --slippage none --fee 0.0001 --study vectorbt"
        let export = "data export test:BENCHUSDT:1m -o bars.csv"
        guard let use = childUse(["/bin/sh", "-c", start + sweep]),
            childUse(["/bin/sh", "-c", start + export]) != nil
        else { throw BenchFailure(reason: "vectorbt: lot failed") }
        let words =
            "cd '\(folder)' && exec \(python) '\(here)/Benchmarks/vectorbt_sweep.py' bars.csv "
            + "studies/vectorbt/trials.csv \(use.processorSeconds) >vectorbt.txt 2>&1"
        let isDone = childUse(["/bin/sh", "-c", words]) != nil
        let text = try String(contentsOfFile: folder + "/vectorbt.txt", encoding: .utf8)
        print(text, terminator: "")
        guard isDone else { throw BenchFailure(reason: "vectorbt_sweep.py failed") }
    }
}
