import CKernels
import LotCore

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
    /// Evaluates a tile: the seeds by steps, the rest as one stretch for each average.
    mutating func run(_ tile: borrowing TileView) {
        let input = unsafe tile.inputs[0]
        let (line, smooth, rest) = unsafe (tile.outputs[0], tile.outputs[1], tile.outputs[2])
        let count = unsafe tile.count
        var kernel = self
        func step(_ row: Int) {
            let lines = unsafe kernel.step(input[row])
            unsafe (line[row], smooth[row], rest[row]) = (lines.first, lines.second, lines.third)
        }
        var row = 0
        while row < count, !kernel.isSeeded {
            step(row)
            row += 1
        }
        guard row < count else { return self = kernel }
        // The columns of the results hold the averages until their differences take the place.
        let (first, length) = (row, count - row)
        let fast = unsafe lot_exponential(
            input + first, length, kernel.fast.weight, kernel.fast.state, smooth + first)
        let slow = unsafe lot_exponential(
            input + first, length, kernel.slow.weight, kernel.slow.state, rest + first)
        for row in first..<count { unsafe line[row] = smooth[row] - rest[row] }
        let signal = unsafe lot_exponential(
            line + first, length, kernel.signal.weight, kernel.signal.state, smooth + first)
        for row in first..<count { unsafe rest[row] = line[row] - smooth[row] }
        if fast.isFinite, slow.isFinite, signal.isFinite {
            kernel.fast.state = fast
            kernel.slow.state = slow
            kernel.signal.state = signal
            kernel.seen &+= length
        } else {
            for row in first..<count { step(row) }
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
}
