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
/// Kernels are their own runners, by the extension below: a concrete type, so that the compiler
/// specialises the loop, over a local copy, so that the state stays in registers.
protocol TileRunner: Sendable {
    mutating func run(_ tile: borrowing TileView)
}

/// The addresses of a tile's columns, outside an array, so that the loop keeps them in registers.
@unsafe
private struct Addresses<Address> {
    private let all: (Address, Address, Address, Address, Address)

    /// The addresses of `list`, 1 to 5; those that are missing are never asked for.
    init(_ list: [Address]) {
        func at(_ index: Int) -> Address { list[min(index, list.count - 1)] }
        unsafe all = (at(0), at(1), at(2), at(3), at(4))
    }

    /// The address at `index`, which is a constant wherever this is inlined.
    @inline(__always)
    subscript(index: Int) -> Address {
        switch index {
        case 0: unsafe all.0
        case 1: unsafe all.1
        case 2: unsafe all.2
        case 3: unsafe all.3
        default: unsafe all.4
        }
    }
}

extension Kernel {
    /// Evaluates a tile: the batch evaluator of every indicator.
    mutating func run(_ tile: borrowing TileView) {
        let inputs = unsafe Addresses(tile.inputs)
        let outputs = unsafe Addresses(tile.outputs)
        var kernel = self
        for row in 0..<(unsafe tile.count) {
            let input = Input { unsafe inputs[$0][row] }
            kernel.step(input).write { unsafe outputs[$0][row] = $1 }
        }
        self = kernel
    }
}
