/// Number of bars evaluated at once: conditions of a tile fill whole words, and the columns of a
/// few indicators stay in the second-level cache (4,096 × 8 B = 32 KiB each).
public let tileCapacity = 4_096

/// The memory of one tile's evaluation, as a runner sees it.
///
/// The places of each input and output are those of the tile's first row. Numbers are `Double`s;
/// conditions are bits of 64-bit words.
@unsafe
struct TileView {
    var inputs: [UnsafePointer<Double>]
    var outputs: [UnsafeMutablePointer<Double>]
    var inputFlags: [UnsafePointer<UInt64>]
    var outputFlags: UnsafeMutablePointer<UInt64>?
    /// Number of rows in this tile, 1...``tileCapacity``.
    var count: Int
}

/// Evaluates a node over consecutive tiles, keeping its state between them.
///
/// Tiles may have any length, so a tile of one row is the streaming evaluator of live trading.
/// Kernels are their own runners, by the extensions below: a concrete type, so that the compiler
/// specialises the loop, over a local copy, so that the state stays in registers.
protocol TileRunner: Sendable {
    mutating func run(_ tile: borrowing TileView)
}

extension UnaryKernel {
    /// Evaluates a tile: the batch evaluator of every indicator of this form.
    mutating func run(_ tile: borrowing TileView) {
        let input = unsafe tile.inputs[0]
        let output = unsafe tile.outputs[0]
        var kernel = self
        for row in 0..<(unsafe tile.count) {
            unsafe output[row] = kernel.step(input[row])
        }
        self = kernel
    }
}

extension TripleKernel {
    /// Evaluates a tile: the batch evaluator of every indicator of this form.
    mutating func run(_ tile: borrowing TileView) {
        let input = unsafe tile.inputs[0]
        let outputs = unsafe (tile.outputs[0], tile.outputs[1], tile.outputs[2])
        var kernel = self
        for row in 0..<(unsafe tile.count) {
            let values = unsafe kernel.step(input[row])
            unsafe outputs.0[row] = values.0
            unsafe outputs.1[row] = values.1
            unsafe outputs.2[row] = values.2
        }
        self = kernel
    }
}

extension BarKernel {
    /// Evaluates a tile: the batch evaluator of every indicator of this form.
    mutating func run(_ tile: borrowing TileView) {
        let (high, low, close) = unsafe (tile.inputs[0], tile.inputs[1], tile.inputs[2])
        let output = unsafe tile.outputs[0]
        var kernel = self
        for row in 0..<(unsafe tile.count) {
            unsafe output[row] = kernel.step(
                PriceRow(high: high[row], low: low[row], close: close[row]))
        }
        self = kernel
    }
}

extension BarTripleKernel {
    /// Evaluates a tile: the batch evaluator of every indicator of this form.
    mutating func run(_ tile: borrowing TileView) {
        let (high, low, close) = unsafe (tile.inputs[0], tile.inputs[1], tile.inputs[2])
        let outputs = unsafe (tile.outputs[0], tile.outputs[1], tile.outputs[2])
        var kernel = self
        for row in 0..<(unsafe tile.count) {
            let values = unsafe kernel.step(
                PriceRow(high: high[row], low: low[row], close: close[row]))
            unsafe outputs.0[row] = values.0
            unsafe outputs.1[row] = values.1
            unsafe outputs.2[row] = values.2
        }
        self = kernel
    }
}
