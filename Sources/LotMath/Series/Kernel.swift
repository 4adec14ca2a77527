/// The recurrence of an indicator with one input and one output, one value at a time.
///
/// The recurrence is the definition: the batch evaluator is a loop over `step`, so batch and
/// streaming agree to the last bit. A kernel answers NaN until it has seen enough, and while a
/// value that is not finite lies inside its window.
public protocol UnaryKernel: Sendable {
    /// Takes the next value, oldest first, and returns the indicator at that value.
    mutating func step(_ value: Double) -> Double
}

/// The recurrence of an indicator with one input and three outputs.
public protocol TripleKernel: Sendable {
    /// Takes the next value, oldest first, and returns the indicator's three lines.
    mutating func step(_ value: Double) -> (Double, Double, Double)
}

/// The prices an indicator over bars may use.
public struct PriceRow: Sendable {
    /// Highest price.
    public var high: Double
    /// Lowest price.
    public var low: Double
    /// Last price.
    public var close: Double

    /// Makes a row.
    @inlinable
    public init(high: Double, low: Double, close: Double) {
        self.high = high
        self.low = low
        self.close = close
    }
}

/// The recurrence of an indicator over high, low and close with one output.
public protocol BarKernel: Sendable {
    /// Takes the next bar, oldest first, and returns the indicator at its close.
    mutating func step(_ row: PriceRow) -> Double
}

/// The recurrence of an indicator over high, low and close with three outputs.
public protocol BarTripleKernel: Sendable {
    /// Takes the next bar, oldest first, and returns the indicator's three lines.
    mutating func step(_ row: PriceRow) -> (Double, Double, Double)
}
