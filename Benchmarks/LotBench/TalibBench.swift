import Foundation
import LotCore
import LotEngine
import LotMath

/// TA-Lib's C library, timed in this process on the same columns.
///
/// Looked for at `LOT_TALIB` (a path of its shared library), else where `python3` finds the
/// `TA-Lib` package, whose wheel brings it along.
struct Talib {
    private typealias Real =
        @convention(c) (
            Int32, Int32, UnsafePointer<Double>?, Int32, UnsafeMutablePointer<Int32>?,
            UnsafeMutablePointer<Int32>?, UnsafeMutablePointer<Double>?
        ) -> Int32
    private typealias Prices =
        @convention(c) (
            Int32, Int32, UnsafePointer<Double>?, UnsafePointer<Double>?, UnsafePointer<Double>?,
            Int32,
            UnsafeMutablePointer<Int32>?, UnsafeMutablePointer<Int32>?,
            UnsafeMutablePointer<Double>?
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

    /// Nanoseconds an element of TA-Lib's function of that name, best of so many.
    func nanoseconds(_ name: String, length: Int, _ bars: Bars, runs: Int) -> Double? {
        var output = [Double](repeating: 0, count: bars.count)
        var (begin, count) = (Int32(0), Int32(0))
        let last = Int32(bars.count - 1)
        var best = Double.infinity
        for _ in 0..<runs {
            let start = cpuSeconds()
            if name == "ATR" {
                guard let function = symbol("TA_ATR", as: Prices.self) else { return nil }
                guard
                    unsafe function(
                        0, last, bars.high.start, bars.low.start, bars.close.start, Int32(length),
                        &begin, &count, &output) == 0
                else { return nil }
            } else {
                guard let function = symbol("TA_" + name, as: Real.self) else { return nil }
                guard
                    unsafe function(
                        0, last, bars.close.start, Int32(length), &begin, &count, &output) == 0
                else { return nil }
            }
            best = min(best, cpuSeconds() - start)
        }
        return count > 0 ? best * 1e9 / Double(bars.count) : nil
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
                let evaluator = SeriesEvaluator(program, bars: bars)
                let start = cpuSeconds()
                while evaluator.rows < bars.count { evaluator.advance() }
                best = min(best, cpuSeconds() - start)
                checksum = evaluator.value(nodes[0], at: bars.count - 1)
                if ["sma", "ema", "rsi", "atr"].contains(name) {
                    let time = talib?.nanoseconds(
                        name.uppercased(), length: Int(parameters[0]), bars, runs: 1)
                    theirs = [theirs, time].compactMap(\.self).min()
                }
            }
            let own = best * 1e9 / Double(bars.count)
            let beside = theirs.map { ", TA-Lib \(short($0)): ×\(short(own / $0))" } ?? ""
            report(
                "indicator \(name), batch", short(own) + " ns an element\(beside)  [\(checksum)]")
        }
    }
}
