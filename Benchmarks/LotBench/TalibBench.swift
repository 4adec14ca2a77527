import Foundation
import LotCore
import LotEngine
import LotMath

/// TA-Lib's C library, timed in this process on the same columns.
///
/// Looked for at `LOT_TALIB` (a path of its shared library), else where `python3` finds the
/// `TA-Lib` package, whose wheel brings it along.
struct Talib {
    private typealias Column = UnsafePointer<Double>?
    private typealias Written = UnsafeMutablePointer<Int32>?
    private typealias Line = UnsafeMutablePointer<Double>?
    private typealias Average =
        @convention(c) (Int32, Int32, Column, Int32, Written, Written, Line) -> Int32
    private typealias Range =
        @convention(c) (
            Int32, Int32, Column, Column, Column, Int32, Written, Written, Line
        ) -> Int32
    private typealias Deviation =
        @convention(c) (Int32, Int32, Column, Int32, Double, Written, Written, Line) -> Int32
    private typealias Convergence =
        @convention(c) (
            Int32, Int32, Column, Int32, Int32, Int32, Written, Written, Line, Line, Line
        ) -> Int32
    private typealias Bands =
        @convention(c) (
            Int32, Int32, Column, Int32, Double, Double, Int32, Written, Written, Line, Line, Line
        ) -> Int32

    private let handle: UnsafeMutableRawPointer

    /// Opens the library; `nil` if it is not there.
    init?() {
        let named = ProcessInfo.processInfo.environment["LOT_TALIB"] ?? Talib.find()
        guard let path = named, let handle = unsafe dlopen(path, RTLD_NOW) else { return nil }
        unsafe self.handle = handle
        typealias Start = @convention(c) () -> Int32
        guard let start = unsafe symbol("TA_Initialize", as: Start.self), start() == 0 else {
            return nil
        }
    }

    private func symbol<Function>(_ name: String, as type: Function.Type) -> Function? {
        unsafe dlsym(handle, name).map { unsafe unsafeBitCast($0, to: type) }
    }

    /// Processor seconds of one call of the function that corresponds to an indicator of ours.
    func seconds(_ name: String, _ parameters: [Double], _ bars: Bars) -> Double? {
        // Written before the clock runs: fresh pages are nobody's arithmetic.
        var line = [Double](repeating: 0, count: bars.count)
        let others = ["macd", "bbands"].contains(name) ? bars.count : 1
        var second = [Double](repeating: 0, count: others)
        var third = [Double](repeating: 0, count: others)
        var (begin, count) = (Int32(0), Int32(0))
        let last = Int32(bars.count - 1)
        let (high, low, close) = unsafe (bars.high.start, bars.low.start, bars.close.start)
        let whole = parameters.map { Int32($0) }
        var status: Int32?
        let start = cpuSeconds()
        switch name {
        case "atr":
            status = symbol("TA_ATR", as: Range.self).map {
                unsafe $0(0, last, high, low, close, whole[0], &begin, &count, &line)
            }
        case "stdev":
            status = symbol("TA_STDDEV", as: Deviation.self).map {
                unsafe $0(
                    0, last, close, whole[0], parameters[1], &begin, &count, &line)
            }
        case "macd":
            status = symbol("TA_MACD", as: Convergence.self).map {
                unsafe $0(
                    0, last, close, whole[0], whole[1], whole[2], &begin, &count, &line, &second,
                    &third)
            }
        case "bbands":
            status = symbol("TA_BBANDS", as: Bands.self).map {
                unsafe $0(
                    0, last, close, whole[0], parameters[1], parameters[2], 0, &begin, &count,
                    &line, &second, &third)
            }
        default:
            status = symbol("TA_" + name.uppercased(), as: Average.self).map {
                unsafe $0(0, last, close, whole[0], &begin, &count, &line)
            }
        }
        let taken = cpuSeconds() - start
        return status == 0 && count > 0 ? taken : nil
    }

    /// Asks python3 where the wheel keeps the library.
    private static func find() -> String? {
        let code = """
            import glob, os, talib
            print(sorted(glob.glob(os.path.join(os.path.dirname(talib.__file__), "..",
                "*ta_lib.libs", "libta*")))[0])
            """
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["python3", "-c", code]
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = FileHandle.nullDevice
        guard (try? process.run()) != nil else { return nil }
        let data = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        let path = String(decoding: data, as: UTF8.self).trimmingCharacters(in: .newlines)
        return process.terminationStatus == 0 && !path.isEmpty ? path : nil
    }
}

extension Bench {
    /// Indicators in batch, beside TA-Lib's C code where it is installed.
    static func indicators(_ bars: Bars) {
        let talib = Talib()
        if talib == nil {
            report("TA-Lib", "not found: pip install TA-Lib, or set LOT_TALIB to its library")
        }
        for (name, parameters) in [
            ("sma", [20.0]), ("ema", [20]), ("rsi", [14]), ("atr", [14]), ("stdev", [20, 1]),
            ("macd", [12, 26, 9]), ("bbands", [20, 2, 2]),
        ] {
            guard let index = IndicatorRegistry.index(of: name) else { continue }
            let count = IndicatorRegistry.all[index].parameters.count
            var program = SeriesProgram()
            let close = program.field(.close)
            let nodes = program.indicator(
                index, input: close, parameters: Array(parameters.prefix(count)))
            var checksum = 0.0
            var best = Double.infinity
            var theirs: Double?
            for _ in 0..<9 {
                // As a run of rules and a search read them: no rows before the tile are kept.
                let evaluator = SeriesEvaluator(program, bars: bars, history: 0)
                let start = cpuSeconds()
                while evaluator.rows < bars.count { evaluator.advance() }
                best = min(best, cpuSeconds() - start)
                checksum = evaluator.value(nodes[0], at: bars.count - 1)
                let time = talib?.seconds(name, parameters, bars)
                theirs = [theirs, time].compactMap(\.self).min()
            }
            let own = best * 1e9 / Double(bars.count)
            let other = theirs.map { $0 * 1e9 / Double(bars.count) }
            let beside = other.map { ", TA-Lib \(short($0)): ×\(short(own / $0))" } ?? ""
            report(
                "indicator \(name), batch", short(own) + " ns an element\(beside)  [\(checksum)]")
        }
        averages(bars)
    }

    /// The averages of the hundred pairs, twenty of one series, which are one step together.
    private static func averages(_ bars: Bars) {
        var lengths = Array(stride(from: 5.0, through: 50, by: 5))
        lengths += stride(from: 60.0, through: 240, by: 20)
        var program = SeriesProgram()
        let close = program.field(.close)
        let index = IndicatorRegistry.index(of: "sma") ?? 0
        let nodes = lengths.map {
            program.indicator(index, input: close, parameters: [$0])[0]
        }
        var checksum = 0.0
        var best = Double.infinity
        for _ in 0..<9 {
            let evaluator = SeriesEvaluator(program, bars: bars, history: 0)
            let start = cpuSeconds()
            while evaluator.rows < bars.count { evaluator.advance() }
            best = min(best, cpuSeconds() - start)
            checksum = nodes.reduce(0) { $0 + evaluator.value($1, at: bars.count - 1) }
        }
        report(
            "indicator sma, batch, one of twenty of one series",
            short(best * 1e9 / Double(bars.count * lengths.count))
                + " ns an element  [\(checksum)]")
    }
}
