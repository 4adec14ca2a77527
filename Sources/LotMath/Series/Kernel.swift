/// The recurrence of an indicator, one row at a time.
///
/// The recurrence is the definition: the batch evaluator is a loop over `step`, so batch and
/// streaming agree to the last bit. A kernel answers NaN until it has seen enough, and while a
/// value that is not finite lies inside its window.
///
/// For speed: `step` is `@inline(__always)`, and what it rarely does is in functions that are
/// `@inline(never)` and do not mutate; they return the new state instead. A mutating call would
/// take the state's address and so keep it out of the registers.
protocol Kernel: TileRunner {
    /// What it reads at a row.
    associatedtype Input: KernelInput
    /// What it says at a row: a number or several lines.
    associatedtype Output: KernelOutput
    /// Takes the next row, oldest first, and returns the indicator at that row.
    mutating func step(_ input: Input) -> Output
}

/// A kernel of one series with one output.
protocol UnaryKernel: Kernel where Input == Double, Output == Double {}

/// A kernel of high, low and close with one output.
protocol BarKernel: Kernel where Input == PriceRow, Output == Double {}

/// A row of the columns that a definition names as its inputs.
protocol KernelInput {
    /// Reads a row; `column(k)` is the number in the definition's k-th input, k below 5.
    init(reading column: (Int) -> Double)
}

/// What a kernel says at one row.
protocol KernelOutput {
    /// Writes the row; `column(k, x)` puts x into the definition's k-th output, k below 5.
    func write(_ column: (Int, Double) -> Void)
}

extension Double: KernelInput, KernelOutput {
    @inline(__always)
    init(reading column: (Int) -> Double) { self = column(0) }

    @inline(__always)
    func write(_ column: (Int, Double) -> Void) { column(0, self) }
}

/// A row of two series.
struct Pair: KernelInput {
    var first: Double
    var second: Double

    @inline(__always)
    init(reading column: (Int) -> Double) { (first, second) = (column(0), column(1)) }
}

/// A row of the columns high and low.
struct RangeRow: KernelInput {
    /// Highest price.
    var high: Double
    /// Lowest price.
    var low: Double

    @inline(__always)
    init(reading column: (Int) -> Double) { (high, low) = (column(0), column(1)) }
}

/// A row of the columns high, low and close.
struct PriceRow: KernelInput {
    /// Highest price.
    var high: Double
    /// Lowest price.
    var low: Double
    /// Last price.
    var close: Double

    @inline(__always)
    init(high: Double, low: Double, close: Double) {
        (self.high, self.low, self.close) = (high, low, close)
    }

    @inline(__always)
    init(reading column: (Int) -> Double) {
        (high, low, close) = (column(0), column(1), column(2))
    }
}

/// A row of the columns open, high, low and close.
struct CandleRow: KernelInput {
    /// First price.
    var open: Double
    /// Highest price.
    var high: Double
    /// Lowest price.
    var low: Double
    /// Last price.
    var close: Double

    @inline(__always)
    init(reading column: (Int) -> Double) {
        (open, high, low, close) = (column(0), column(1), column(2), column(3))
    }
}

/// A row of the columns high, low, close and volume.
struct VolumeRow: KernelInput {
    /// The prices.
    var prices: PriceRow
    /// Traded quantity.
    var volume: Double

    @inline(__always)
    init(reading column: (Int) -> Double) {
        prices = PriceRow(reading: column)
        volume = column(3)
    }
}

/// A row of the columns high, low, close, volume and open time.
struct TimedRow: KernelInput {
    /// Prices and volume.
    var bar: VolumeRow
    /// When the bar opens, in milliseconds since the epoch.
    var time: Double

    @inline(__always)
    init(reading column: (Int) -> Double) {
        bar = VolumeRow(reading: column)
        time = column(4)
    }
}

/// Two lines.
struct Lines2: KernelOutput {
    /// No value yet.
    static let none = Lines2(.nan, .nan)
    let first: Double
    let second: Double

    @inline(__always)
    init(_ first: Double, _ second: Double) { (self.first, self.second) = (first, second) }

    @inline(__always)
    func write(_ column: (Int, Double) -> Void) {
        column(0, first)
        column(1, second)
    }
}

/// Three lines.
struct Lines3: KernelOutput {
    /// No value yet.
    static let none = Lines3(.nan, .nan, .nan)
    let first: Double
    let second: Double
    let third: Double

    @inline(__always)
    init(_ first: Double, _ second: Double, _ third: Double) {
        (self.first, self.second, self.third) = (first, second, third)
    }

    @inline(__always)
    func write(_ column: (Int, Double) -> Void) {
        column(0, first)
        column(1, second)
        column(2, third)
    }
}

/// Four lines.
struct Lines4: KernelOutput {
    /// No value yet.
    static let none = Lines4(.nan, .nan, .nan, .nan)
    let first: Double
    let second: Double
    let third: Double
    let fourth: Double

    @inline(__always)
    init(_ first: Double, _ second: Double, _ third: Double, _ fourth: Double) {
        (self.first, self.second, self.third, self.fourth) = (first, second, third, fourth)
    }

    @inline(__always)
    func write(_ column: (Int, Double) -> Void) {
        column(0, first)
        column(1, second)
        column(2, third)
        column(3, fourth)
    }
}
