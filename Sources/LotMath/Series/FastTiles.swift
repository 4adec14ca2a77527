import CKernels
public import LotCore

// The tile loops of the indicators that nearly every strategy reads, in C: what their kernels do
// one value at a time, for a stretch of values at once, to the same bits. A stretch is taken only
// if the kernel is past its seed; if the state that comes out is not finite, some value was bad,
// and the stretch is stepped through instead.

extension ExponentialMovingAverage {
    /// Evaluates a tile: the seed by steps, the rest as one stretch.
    mutating func run(_ tile: borrowing TileView) {
        let (input, output) = unsafe (tile.inputs[0], tile.outputs[0])
        let count = unsafe tile.count
        var kernel = self
        var row = 0
        while row < count, !kernel.isSeeded {
            unsafe output[row] = kernel.step(input[row])
            row += 1
        }
        guard row < count else { return self = kernel }
        let end = unsafe lot_exponential(
            input + row, count - row, kernel.weight, kernel.state, output + row)
        if end.isFinite {
            kernel.state = end
        } else {
            for index in row..<count { unsafe output[index] = kernel.step(input[index]) }
        }
        self = kernel
    }
}

extension MovingAverageConvergenceDivergence {
    /// Evaluates a tile: the seed by steps, the rest as one stretch.
    mutating func run(_ tile: borrowing TileView) {
        let input = unsafe tile.inputs[0]
        let outputs = unsafe (tile.outputs[0], tile.outputs[1], tile.outputs[2])
        let count = unsafe tile.count
        var kernel = self
        func step(_ row: Int) {
            let lines = unsafe kernel.step(input[row])
            unsafe (outputs.0[row], outputs.1[row], outputs.2[row]) =
                (lines.first, lines.second, lines.third)
        }
        var row = 0
        while row < count, !kernel.isSeeded {
            step(row)
            row += 1
        }
        guard row < count else { return self = kernel }
        let weights = lot_convergence_averages(
            fast: kernel.fast.weight, slow: kernel.slow.weight, signal: kernel.signal.weight)
        var states = lot_convergence_averages(
            fast: kernel.fast.state, slow: kernel.slow.state, signal: kernel.signal.state)
        unsafe lot_convergence(
            input + row, count - row, weights, &states, outputs.0 + row, outputs.1 + row,
            outputs.2 + row)
        if states.fast.isFinite, states.slow.isFinite, states.signal.isFinite {
            kernel.fast.state = states.fast
            kernel.slow.state = states.slow
            kernel.signal.state = states.signal
            kernel.seen &+= count - row
        } else {
            for index in row..<count { step(index) }
        }
        self = kernel
    }
}

extension RelativeStrengthIndex {
    /// Evaluates a tile: the seed by steps, the rest as one stretch.
    mutating func run(_ tile: borrowing TileView) {
        let (input, output) = unsafe (tile.inputs[0], tile.outputs[0])
        let count = unsafe tile.count
        var kernel = self
        var row = 0
        while row < count, !kernel.isSeeded {
            unsafe output[row] = kernel.step(input[row])
            row += 1
        }
        guard row < count else { return self = kernel }
        var (gain, loss) = (kernel.gain, kernel.loss)
        let isFinite = unsafe lot_relative_strength(
            input + row, count - row, kernel.share, kernel.last, &gain, &loss, output + row)
        if isFinite {
            kernel.last = unsafe input[count - 1]
            (kernel.gain, kernel.loss) = (gain, loss)
        } else {
            for index in row..<count { unsafe output[index] = kernel.step(input[index]) }
        }
        self = kernel
    }
}

extension AverageTrueRange {
    /// Evaluates a tile: the seed by steps, the rest as one stretch.
    mutating func run(_ tile: borrowing TileView) {
        let (high, low, close) = unsafe (tile.inputs[0], tile.inputs[1], tile.inputs[2])
        let output = unsafe tile.outputs[0]
        let count = unsafe tile.count
        var kernel = self
        func step(_ row: Int) {
            unsafe output[row] = kernel.step(
                PriceRow(high: high[row], low: low[row], close: close[row]))
        }
        var row = 0
        while row < count, !kernel.average.isSeeded {
            step(row)
            row += 1
        }
        guard row < count else { return self = kernel }
        let end = unsafe lot_true_range_average(
            high + row, low + row, close + row, count - row, kernel.average.weight,
            kernel.lastClose, kernel.average.state, output + row)
        if end.isFinite {
            kernel.average.state = end
            kernel.lastClose = unsafe close[count - 1]
        } else {
            for index in row..<count { step(index) }
        }
        self = kernel
    }
}

extension Bars {
    /// The lowest low and the highest high of rows; infinite and -infinite if there are none.
    ///
    /// - Complexity: O(rows), bound by memory.
    func range(of rows: Range<Int>) -> (lowest: Double, highest: Double) {
        precondition(rows.lowerBound >= 0 && rows.upperBound <= count)
        var (lowest, highest) = (0.0, 0.0)
        unsafe lot_range(
            low.start + rows.lowerBound, high.start + rows.lowerBound, rows.count, &lowest,
            &highest)
        return (lowest, highest)
    }

    /// Brings what fills read of rows, their opens, volumes and if asked times, into the caches.
    ///
    /// The sets of a sweep fill at bars here and there, in no order that the processor would
    /// foresee: each first one of a line waits for memory. Read one after the other, lines come
    /// several at a time.
    ///
    /// - Complexity: O(rows), a load for each eight.
    public func touchFills(_ rows: Range<Int>, times: Bool) {
        precondition(rows.lowerBound >= 0 && rows.upperBound <= count)
        let (first, bytes) = (rows.lowerBound, rows.count * 8)
        if times { unsafe lot_touch(openTime.start + first, bytes) }
        unsafe lot_touch(open.start + first, bytes)
        if let volume { unsafe lot_touch(volume.start + first, bytes) }
    }
}

extension Column<Double> {
    /// Rows of a block of ``blockRanges(of:lowest:highest:)``.
    public static var blockLength: Int { Int(LOT_BLOCK) }

    /// Finds the lowest and the highest value of each ``blockLength`` of `rows`, counted from the
    /// first; the last block may have fewer.
    ///
    /// - Parameters:
    ///   - rows: Rows that exist; their values are numbers.
    ///   - lowest: Takes a value for each block.
    ///   - highest: The same.
    /// - Complexity: O(rows), bound by memory.
    @unsafe
    public func blockRanges(
        of rows: Range<Int>, lowest: UnsafeMutablePointer<Double>,
        highest: UnsafeMutablePointer<Double>
    ) {
        precondition(rows.lowerBound >= 0 && rows.upperBound <= count)
        unsafe lot_block_ranges(start + rows.lowerBound, rows.count, lowest, highest)
    }
}
