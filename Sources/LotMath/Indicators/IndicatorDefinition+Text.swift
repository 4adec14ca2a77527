extension IndicatorDefinition {
    /// How a script calls it, without `ta.`: `sma(x, length)`, `atr(ctx, length)`.
    public var call: String {
        let inputs: [String] =
            readsBars
            ? ["ctx"]
            : inputs.map { input in
                switch input {
                case .series(let name), .level(let name), .condition(let name): name
                case .column(let column): "\(column)"
                }
            }
        return "\(name)(\((inputs + parameters.map(\.name)).joined(separator: ", ")))"
    }

    /// Its warm-up in rows with the default parameters.
    public var usualWarmUp: Int { warmUp(parameters.map(\.defaultValue)) }

    /// What one must know of an input besides its name; empty for series.
    public var inputNotes: String {
        let notes = inputs.compactMap { input -> String? in
            switch input {
            case .condition(let name): "\(name): a condition"
            case .level(let name): "\(name): a series or a number"
            case .series, .column: nil
            }
        }
        return notes.joined(separator: "; ")
    }
}

extension IndicatorMemory {
    /// What happens to a value that is not finite, as documentation says it.
    public var text: String {
        switch self {
        case .window: "NaN while one is among the last rows, as many as the warm-up and one"
        case .recurrence: "NaN, then it begins again with the next row"
        case .ends: "NaN at the two rows that read one"
        case .events: "kept as they are; a comparison with one is false"
        }
    }
}

extension IndicatorParameter {
    /// The default and what is allowed: `30 (1 … 100,000)`.
    public var rangeText: String {
        let value =
            followsPrevious ? "the one before" : IndicatorParameter.text(defaultValue)
        let low = IndicatorParameter.text(minimum)
        return "\(value) (\(low) … \(IndicatorParameter.text(maximum)))"
    }

    /// A number with its thousands apart; a whole one without a point.
    private static func text(_ value: Double) -> String {
        guard let whole = Int(exactly: value) else { return "\(value)" }
        guard abs(whole) >= 1_000 else { return "\(whole)" }
        let rest = String(abs(whole) % 1_000 + 1_000).dropFirst()
        return text(Double(whole / 1_000)) + "," + rest
    }
}
