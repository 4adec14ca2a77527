/// The recurrence of an indicator with one input and one output, one value at a time.
///
/// The recurrence is the definition: the batch evaluator is a loop over `step`, so batch and
/// streaming agree to the last bit. A kernel answers NaN until it has seen enough, and while a
/// value that is not finite lies inside its window.
///
/// For speed: `step` is `@inline(__always)`, and what it rarely does is in functions that are
/// `@inline(never)` and do not mutate; they return the new state instead. A mutating call would
/// take the state's address and so keep it out of the registers.
protocol UnaryKernel: TileRunner {
    /// Takes the next value, oldest first, and returns the indicator at that value.
    mutating func step(_ value: Double) -> Double
}

/// The recurrence of an indicator with one input and three outputs.
protocol TripleKernel: TileRunner {
    /// Takes the next value, oldest first, and returns the indicator's three lines.
    mutating func step(_ value: Double) -> (Double, Double, Double)
}

/// The prices an indicator over bars may use.
struct PriceRow: Sendable {
    /// Highest price.
    var high: Double
    /// Lowest price.
    var low: Double
    /// Last price.
    var close: Double
}

/// The recurrence of an indicator over high, low and close with one output.
protocol BarKernel: TileRunner {
    /// Takes the next bar, oldest first, and returns the indicator at its close.
    mutating func step(_ row: PriceRow) -> Double
}

/// The recurrence of an indicator over high, low and close with three outputs.
protocol BarTripleKernel: TileRunner {
    /// Takes the next bar, oldest first, and returns the indicator's three lines.
    mutating func step(_ row: PriceRow) -> (Double, Double, Double)
}
