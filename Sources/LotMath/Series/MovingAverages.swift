import CKernels

/// Simple moving averages of one series, of any number of lengths, evaluated together.
///
/// A running sum is a chain of dependent additions, which leaves the processor idle for most of
/// the time. Sums are added up afresh now and then (``AnchoredWindow``), so a tile of one average
/// is several chains that need nothing from each other, and so are those of all averages that a
/// sweep reads. Four of them run side by side in C, to the same bits as ``SimpleMovingAverage`` one
/// value at a time; where a value is not finite, or the window is not full yet, that steps.
///
/// Not thread-safe: it belongs to one evaluator.
@safe
final class MovingAverages: TileRunner, @unchecked Sendable {
    private var kernels: [SimpleMovingAverage]
    /// The newest values of the series, those of the tile at the end; `nil` where the series is a
    /// stored column, which has them all.
    private var past: PastValues?
    private var stretches: [lot_moving] = unsafe []
    private var totals: [lot_total] = unsafe []
    private var plans: [Plan] = []

    /// How an average takes a tile.
    private struct Plan {
        /// Rows before it are stepped through.
        var first: Int
        /// Its stretches, the first of them without a total.
        var stretches: Range<Int>
        /// The total that its second stretch begins with; the others follow.
        var total: Int
        /// Values since the last total at the end of the tile.
        var age: Int
        /// Whether no value, in the window or the tile, is so far from an anchor that a total comes
        /// early.
        var isPlain = true
    }

    /// Rows below which planning costs more than stepping.
    private static let fewest = 16

    /// Averages of these lengths, in the order of the tile's outputs.
    ///
    /// - Parameters:
    ///   - lengths: The lengths, each at least 1.
    ///   - isStored: Whether the tile's input lies behind all values before it, from the first row.
    init(lengths: [Int], isStored: Bool) {
        kernels = lengths.map { SimpleMovingAverage(length: $0) }
        past = isStored ? nil : PastValues(lengths.max() ?? 1)
        // A tile costs no allocation.
        let renewal = AnchoredWindow.Renewal.values
        let most = lengths.reduce(0) { $0 + tileCapacity / renewal.period($1) + 2 }
        unsafe stretches.reserveCapacity(most)
        unsafe totals.reserveCapacity(most)
        plans.reserveCapacity(lengths.count)
    }

    func run(_ tile: borrowing TileView) {
        let (input, count) = unsafe (tile.inputs[0], tile.count)
        let values = unsafe past?.append(input, count) ?? input
        guard count >= MovingAverages.fewest else {
            for index in kernels.indices {
                unsafe step(index, 0..<count, input, tile.outputs[index])
            }
            return
        }
        unsafe stretches.removeAll(keepingCapacity: true)
        unsafe totals.removeAll(keepingCapacity: true)
        plans.removeAll(keepingCapacity: true)
        var range = (lowest: 0.0, highest: 0.0)
        unsafe lot_range(values, values, count, &range.lowest, &range.highest)
        for index in kernels.indices {
            let output = unsafe tile.outputs[index]
            var row = 0
            while row < count, !kernels[index].window.isFull {
                unsafe step(index, row..<row + 1, input, output)
                row += 1
            }
            var plan = unsafe plan(kernels[index], row, count, values, output)
            plan.isPlain = kernels[index].spoilt == 0
            for stretch in plan.stretches {
                let anchor = unsafe stretches[stretch].anchor
                plan.isPlain =
                    plan.isPlain && AnchoredWindow.isPlain(range.lowest - anchor, anchor)
                    && AnchoredWindow.isPlain(range.highest - anchor, anchor)
            }
            plans.append(plan)
        }
        unsafe lot_totals(&totals, totals.count)
        for plan in plans { begin(plan) }
        unsafe lot_moving_sums(&stretches, stretches.count)
        for index in kernels.indices {
            if plans[index].isPlain, isFinite(plans[index]) {
                unsafe keep(index, count, values)
            } else {
                unsafe step(index, plans[index].first..<count, input, tile.outputs[index])
            }
        }
    }

    /// Steps through rows.
    private func step(
        _ index: Int, _ rows: Range<Int>, _ input: UnsafePointer<Double>,
        _ output: UnsafeMutablePointer<Double>
    ) {
        var kernel = kernels[index]
        for row in rows { unsafe output[row] = kernel.step(input[row]) }
        kernels[index] = kernel
    }

    /// Cuts the rows from `first` on into stretches, each but the first behind a fresh total.
    ///
    /// `values` are the tile's, behind as many of those before as the window holds.
    private func plan(
        _ kernel: SimpleMovingAverage, _ first: Int, _ count: Int,
        _ values: UnsafePointer<Double>, _ output: UnsafeMutablePointer<Double>
    ) -> Plan {
        let (window, length) = (kernel.window, kernel.window.length)
        var plan = unsafe Plan(
            first: first, stretches: stretches.count..<stretches.count, total: totals.count,
            age: window.age)
        var (row, quiet, anchor) = (first, window.quietSteps, window.anchor)
        while true {
            let steps = min(quiet, count - row)
            unsafe stretches.append(
                lot_moving(
                    entering: values + row, leaving: values + row - length, out: output + row,
                    count: steps, anchor: anchor, share: kernel.share, sum: kernel.sum))
            plan.age += steps
            row += steps
            guard row < count else { break }
            anchor = unsafe values[row]
            unsafe totals.append(
                lot_total(
                    values: values + row - length + 1, count: length, anchor: anchor, sum: 0))
            (plan.age, quiet) = (0, window.quietStepsOfRenewed)
            row += 1
        }
        plan.stretches = unsafe plan.stretches.lowerBound..<stretches.count
        return plan
    }

    /// Gives stretches the totals that they begin with, which are the values of the rows before.
    private func begin(_ plan: Plan) {
        for (offset, index) in plan.stretches.dropFirst().enumerated() {
            unsafe stretches[index].sum = totals[plan.total + offset].sum
            let stretch = unsafe stretches[index]
            unsafe (stretch.out - 1).pointee = unsafe stretch.anchor + stretch.sum / stretch.share
        }
    }

    /// Whether every value was: a sum that met another is not finite either.
    private func isFinite(_ plan: Plan) -> Bool {
        plan.stretches.allSatisfy { unsafe stretches[$0].sum.isFinite }
    }

    /// Leaves a kernel as stepping through the tile would have.
    private func keep(_ index: Int, _ count: Int, _ values: UnsafePointer<Double>) {
        let plan = plans[index]
        // Nothing was taken at once where the window filled with the last row, or not yet.
        guard plan.first < count else { return }
        let last = unsafe stretches[plan.stretches.upperBound - 1]
        unsafe kernels[index].sum = last.sum
        let slots = kernels[index].window.slots
        let newest = unsafe values + plan.first
        unsafe kernels[index].window.keep(
            count - plan.first, anchor: last.anchor, age: plan.age
        ) { unsafe slots.copy($2, from: newest + $1, to: $0) }
    }
}

/// The newest values of a series, one after the other in memory.
private struct PastValues {
    private let length: Int
    private let slots: Slots
    private var end = 0

    /// At least `length` values before each tile are kept.
    init(_ length: Int) {
        self.length = length
        slots = Slots(count: length + max(length, tileCapacity), initial: .nan)
        end = length
    }

    /// Takes a tile's values, at most ``tileCapacity``.
    ///
    /// - Returns: Where the first of them lies, behind those that came before.
    mutating func append(_ values: UnsafePointer<Double>, _ count: Int) -> UnsafePointer<Double> {
        if end + count > slots.count {
            unsafe slots.copy(length, from: slots.address(end - length), to: 0)
            end = length
        }
        unsafe slots.copy(count, from: values, to: end)
        end += count
        return unsafe slots.address(end - count)
    }
}
