import CKernels

extension SimpleMovingAverage {
    /// Values from one fresh sum to the next, of averages that share blocks.
    static var block: Int { Int(LOT_AVERAGE_BLOCK) }

    /// Length of the longest that does.
    static var longestShared: Int { Int(LOT_AVERAGE_LONGEST) }
}

/// Simple moving averages of one series, of any number of lengths, evaluated together.
///
/// Their sums are added up afresh at the same rows, with the same anchors, so whole blocks between
/// such rows need nothing from each other but the series. They run side by side in C, to the same
/// bits as ``SimpleMovingAverage`` one value at a time; what is left of a tile before and after
/// them steps, and so do blocks with a value that is not finite or an absurd one, those before the
/// windows are full, and averages too long to share blocks.
///
/// Not thread-safe: it belongs to one evaluator.
@safe
final class MovingAverages: TileRunner, @unchecked Sendable {
    private var kernels: [SimpleMovingAverage]
    /// Places of those that share blocks, and of those that are too long.
    private let shared: [Int], long: [Int]
    /// The newest values of the series, those of the tile at the end; `nil` where the series is a
    /// stored column, which has them all.
    private var past: PastValues?
    /// By place in ``shared``.
    private var averages: [lot_average] = unsafe []

    /// Averages of these lengths, in the order of the tile's outputs.
    ///
    /// - Parameters:
    ///   - lengths: The lengths, each at least 1; not empty.
    ///   - isStored: Whether the tile's input lies behind all values before it, from the first row.
    init(lengths: [Int], isStored: Bool) {
        kernels = lengths.map { SimpleMovingAverage(length: $0) }
        shared = lengths.indices.filter { lengths[$0] <= SimpleMovingAverage.longestShared }
        long = lengths.indices.filter { lengths[$0] > SimpleMovingAverage.longestShared }
        let most = shared.map { lengths[$0] }.max() ?? 1
        past = isStored ? nil : PastValues(most)
        unsafe averages = shared.map { unsafe lot_average(length: lengths[$0], out: nil, sum: 0) }
    }

    func run(_ tile: borrowing TileView) {
        let (input, count) = unsafe (tile.inputs[0], tile.count)
        let values = unsafe past?.append(input, count) ?? input
        for index in long { unsafe step(index, 0..<count, input, tile.outputs[index]) }
        guard let first = shared.first else { return }
        var row = 0
        while row < count {
            let blocks = (count - row) / SimpleMovingAverage.block
            if blocks > 0, unsafe isPlain(values + row, blocks) {
                for (place, index) in shared.enumerated() {
                    unsafe averages[place].out = tile.outputs[index] + row
                }
                if unsafe run(values + row, blocks) {
                    row += blocks * SimpleMovingAverage.block
                    continue
                }
            }
            // To the next row at which all sums are added up afresh.
            let next = min(count, row + SimpleMovingAverage.block - kernels[first].place)
            for index in shared { unsafe step(index, row..<next, input, tile.outputs[index]) }
            row = next
        }
    }

    /// Whether blocks can be taken at once, if all their values are finite: windows are full, and
    /// no value in them or to come is so far from an anchor that a sum is added up early.
    private func isPlain(_ values: UnsafePointer<Double>, _ blocks: Int) -> Bool {
        let isReady = shared.allSatisfy {
            kernels[$0].place == 0 && kernels[$0].window.isFull && kernels[$0].spoilt == 0
        }
        guard isReady else { return false }
        let block = SimpleMovingAverage.block
        var (lowest, highest) = (0.0, 0.0)
        unsafe lot_range(values, values, blocks * block, &lowest, &highest)
        func isPlain(_ anchor: Double) -> Bool {
            AnchoredWindow.isPlain(lowest - anchor, anchor)
                && AnchoredWindow.isPlain(highest - anchor, anchor)
        }
        return shared.allSatisfy { isPlain(kernels[$0].window.anchor) }
            && (0..<blocks).allSatisfy { unsafe isPlain(values[$0 * block]) }
    }

    /// Takes blocks at once; `false` if one of the values is not finite.
    private func run(_ values: UnsafePointer<Double>, _ blocks: Int) -> Bool {
        let count = blocks * SimpleMovingAverage.block
        guard unsafe lot_block_averages(values, blocks, &averages, averages.count) else {
            return false
        }
        let anchor = unsafe values[count - SimpleMovingAverage.block]
        for (place, index) in shared.enumerated() {
            unsafe kernels[index].sum = averages[place].sum
            let slots = kernels[index].window.slots
            kernels[index].window.keep(count, anchor: anchor) {
                unsafe slots.copy($2, from: values + $1, to: $0)
            }
        }
        return true
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
}

/// The newest values of a series, one after the other in memory.
private struct PastValues {
    private let length: Int
    private let slots: Slots
    private var end = 0

    /// At least `least` values before each tile are kept, and as many more as vectors may read.
    init(_ least: Int) {
        let length = least + 3
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
