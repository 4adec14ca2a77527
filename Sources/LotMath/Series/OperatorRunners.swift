import LotCore

/// Combines two numbers row by row.
struct BinaryRunner: TileRunner {
    enum Kind { case add, subtract, multiply, divide, maximum, minimum }
    let kind: Kind

    mutating func run(_ tile: borrowing TileView) {
        switch kind {
        case .add: unsafe combine(tile) { $0 + $1 }
        case .subtract: unsafe combine(tile) { $0 - $1 }
        case .multiply: unsafe combine(tile) { $0 * $1 }
        case .divide: unsafe combine(tile) { $0 / $1 }
        case .maximum: unsafe combine(tile) { $0 > $1 || $0.isNaN ? $0 : $1 }
        case .minimum: unsafe combine(tile) { $0 < $1 || $0.isNaN ? $0 : $1 }
        }
    }

    @inline(__always)
    private func combine(
        _ tile: borrowing TileView, _ operation: (Double, Double) -> Double
    ) {
        let (a, b) = unsafe (tile.inputs[0], tile.inputs[1])
        let output = unsafe tile.outputs[0]
        for row in 0..<(unsafe tile.count) { unsafe output[row] = operation(a[row], b[row]) }
    }
}

/// Delays a number.
struct ShiftRunner: TileRunner {
    private var line: DelayLine?

    init(bars: Int) {
        line = bars > 0 ? DelayLine(bars: bars, initial: .nan) : nil
    }

    mutating func run(_ tile: borrowing TileView) {
        let input = unsafe tile.inputs[0]
        let output = unsafe tile.outputs[0]
        guard var line else {
            for row in 0..<(unsafe tile.count) { unsafe output[row] = input[row] }
            return
        }
        for row in 0..<(unsafe tile.count) { unsafe output[row] = line.push(input[row]) }
        self.line = line
    }
}

/// Builds the words of a condition from one bit per row.
@inline(__always)
private func fill(
    _ words: UnsafeMutablePointer<UInt64>?, count: Int, _ bit: (Int) -> Bool
) {
    guard let words = unsafe words else { return }
    var row = 0
    while row < count {
        var word: UInt64 = 0
        let end = min(row + 64, count)
        var mask: UInt64 = 1
        for index in row..<end {
            if bit(index) { word |= mask }
            mask &<<= 1
        }
        unsafe words[row / 64] = word
        row = end
    }
}

/// Combines conditions word by word; bits beyond the tile's rows stay 0.
struct LogicRunner: TileRunner {
    enum Kind { case and, or, not }
    let kind: Kind

    mutating func run(_ tile: borrowing TileView) {
        guard let output = unsafe tile.outputFlags else { return }
        let first = unsafe tile.inputFlags[0]
        let second = unsafe tile.inputFlags[tile.inputFlags.count - 1]
        for word in 0..<((unsafe tile.count + 63) / 64) {
            switch kind {
            case .and: unsafe output[word] = first[word] & second[word]
            case .or: unsafe output[word] = first[word] | second[word]
            case .not: unsafe output[word] = ~first[word]
            }
        }
        let used = unsafe UInt64(tile.count % 64)
        guard kind == .not, used > 0 else { return }
        unsafe output[tile.count / 64] &= (1 << used) - 1
    }
}

/// Delays a condition.
struct ShiftConditionRunner: TileRunner {
    private var line: DelayLine?

    init(bars: Int) {
        line = bars > 0 ? DelayLine(bars: bars, initial: 0) : nil
    }

    mutating func run(_ tile: borrowing TileView) {
        let input = unsafe tile.inputFlags[0]
        var delay = line
        unsafe fill(tile.outputFlags, count: tile.count) { row in
            let bit = unsafe input[row / 64] >> UInt64(row % 64) & 1 == 1
            guard delay != nil else { return bit }
            return delay?.push(bit ? 1 : 0) == 1
        }
        line = delay
    }
}

/// Turns a condition into 1 and 0.
struct NumberRunner: TileRunner {
    mutating func run(_ tile: borrowing TileView) {
        let input = unsafe tile.inputFlags[0]
        let output = unsafe tile.outputs[0]
        for row in 0..<(unsafe tile.count) {
            unsafe output[row] = input[row / 64] >> UInt64(row % 64) & 1 == 1 ? 1 : 0
        }
    }
}

/// Turns open times into numbers.
struct TimeRunner: TileRunner {
    private let times: Column<Int64>
    private var rows = 0

    init(_ times: Column<Int64>) { self.times = times }

    mutating func run(_ tile: borrowing TileView) {
        let output = unsafe tile.outputs[0]
        let count = unsafe tile.count
        let input = unsafe times.start + rows
        for row in 0..<count { unsafe output[row] = Double(input[row]) }
        rows += count
    }
}
