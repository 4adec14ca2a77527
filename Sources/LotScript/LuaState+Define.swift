import CLua
import LotCore

extension LuaState {
    /// Makes an instance of a function of `ta.define`: an empty state of its own.
    func makeInstance(of number: Int32) throws(Diagnosis) -> Int32 {
        var instance: Int32 = 0
        try check(unsafe lot_define_instance(state, number, &instance))
        return instance
    }

    /// Calls an instance for each of `rows`, oldest first.
    ///
    /// - Returns: One array per output, NaN where the function returned nothing.
    func values(
        of instance: Int32, _ rows: Range<Int>, _ bars: Bars, outputs: Int
    ) throws(Diagnosis) -> [[Double]] {
        var columns = unsafe lot_bars(
            interval: bars.interval.milliseconds, open_time: bars.openTime.start,
            open: bars.open.start, high: bars.high.start, low: bars.low.start,
            close: bars.close.start, volume: bars.volume?.start)
        let count = rows.count
        let memory = UnsafeMutablePointer<Double>.allocate(capacity: count * outputs)
        defer { unsafe memory.deallocate() }
        unsafe memory.initialize(repeating: .nan, count: count * outputs)
        var places: [UnsafeMutablePointer<Double>?] = unsafe (0..<outputs).map {
            unsafe memory + $0 * count
        }
        try check(
            unsafe lot_define_run(
                state, instance, &columns, Int64(rows.lowerBound), Int64(count), &places,
                Int32(outputs)))
        return (0..<outputs).map { output in
            unsafe Array(UnsafeBufferPointer(start: memory + output * count, count: count))
        }
    }
}
