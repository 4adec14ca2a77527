import Glibc

/// The values that a search may give to one parameter.
public enum DimensionKind: Sendable, Hashable {
    /// lo, lo + step, … up to hi.
    case int(ClosedRange<Int>, step: Int)
    /// The same with numbers; any number of the range without a step. Logarithmic ones are tried
    /// evenly in their logarithm.
    case float(ClosedRange<Double>, step: Double?, isLogarithmic: Bool)
    /// One of these names.
    case choice([String])
    /// `false` or `true`.
    case bool
}

/// A parameter that is searched.
public struct Dimension: Sendable, Hashable {
    /// Name of the parameter.
    public var name: String
    /// Its values.
    public var kind: DimensionKind

    /// Pairs a name with values.
    public init(name: String, kind: DimensionKind) {
        self.name = name
        self.kind = kind
    }

    /// Fewer values than so many can be told apart: their numbers are kept as `Double`.
    public static let countLimit = 1 << 53

    /// Number of values; `nil` where any number of a range is one.
    ///
    /// Of more than ``countLimit`` only the first so many are counted.
    public var count: Int? {
        switch kind {
        case .int(let range, let step):
            Int(
                min(
                    range.lowerBound.distance(below: range.upperBound) / UInt(step),
                    UInt(Dimension.countLimit - 1))) + 1
        case .float(_, nil, _): nil
        case .float(let range, let step?, _):
            // A last value that rounding put beyond the end by a hair is meant.
            Dimension.whole(
                min(
                    (range.upperBound - range.lowerBound) / step * (1 + 1e-12) + 1e-9,
                    Double(Dimension.countLimit - 1)
                ).rounded(.down)) + 1
        case .choice(let names): names.count
        case .bool: 2
        }
    }

    /// Whether there are ``countLimit`` values or more, or whole ones that a `Double` does not
    /// hold exactly.
    public var isTooWide: Bool {
        guard let count, count < Dimension.countLimit else { return count != nil }
        guard case .int(let range, _) = kind else { return false }
        return max(range.lowerBound.magnitude, range.upperBound.magnitude)
            > UInt(Dimension.countLimit)
    }

    /// A whole number of any `Double`: what lies beyond 2⁵³ is cut there, and what is no number
    /// is -1, which is the number of no value.
    private static func whole(_ value: Double) -> Int {
        value.isNaN ? -1 : Int(min(0x1p53, max(-0x1p53, value)))
    }

    /// Whether values have no order: distances between them mean nothing.
    public var isCategorical: Bool {
        switch kind {
        case .choice, .bool: true
        case .int, .float: false
        }
    }

    /// The value of a number among the values, from 0; of one without ``count`` the least.
    public func value(_ index: Int) -> Double {
        switch kind {
        case .int(let range, let step): Double(range.lowerBound &+ index &* step)
        case .float(let range, let step, _):
            min(
                range.upperBound,
                Dimension.stepped(range.lowerBound, step ?? 0, Double(index)))
        case .choice, .bool: Double(index)
        }
    }

    /// Steps counted in units of the last decimal, so that 0.1 + 2 · 0.1 is 0.3: a value is the
    /// number that its shortest decimal reads as, and `--param` gives the same run.
    private static func stepped(_ low: Double, _ step: Double, _ index: Double) -> Double {
        var scale = 1.0
        while scale <= 1e15 {
            let (start, width) = ((low * scale).rounded(), (step * scale).rounded())
            let units = start + index * width
            if start / scale == low, width / scale == step, abs(units) < 0x1p53 {
                return units / scale
            }
            scale *= 10
        }
        return low + index * step
    }

    /// The nearest value to a place in 0…1; categorical ones have equal shares.
    func snapped(_ unit: Double) -> Double {
        let place = min(1, max(0, unit))
        if let count, case .float(_, _, true) = kind { return nearest(raw(place), count) }
        if let count { return value(min(count - 1, Int(place * Double(count)))) }
        return raw(place)
    }

    /// The place of a value in 0…1: for stepped ones the middle of its share.
    public func unit(_ value: Double) -> Double {
        guard case .float(let range, let step, let isLogarithmic) = kind,
            isLogarithmic || step == nil
        else { return (Double(index(of: value)) + 0.5) / Double(count ?? 1) }
        let (low, high) = (range.lowerBound, range.upperBound)
        guard high > low else { return 0.5 }
        // The ends may lie farther apart than the largest number.
        guard isLogarithmic else {
            let width = high - low
            return width.isFinite
                ? (value - low) / width : (value / 2 - low / 2) / (high / 2 - low / 2)
        }
        return (high / low).isFinite
            ? log(value / low) / log(high / low) : (log(value) - log(low)) / (log(high) - log(low))
    }

    /// The number of a value among the values.
    func index(of value: Double) -> Int {
        switch kind {
        case .int(let range, let step):
            (Dimension.whole(value) &- range.lowerBound) / step
        case .float(let range, let step, _):
            step.map { Dimension.whole(((value - range.lowerBound) / $0).rounded()) } ?? 0
        case .choice, .bool: Dimension.whole(value)
        }
    }

    private func raw(_ place: Double) -> Double {
        guard case .float(let range, _, let isLogarithmic) = kind else { return place }
        let (low, high) = (range.lowerBound, range.upperBound)
        let value: Double
        if isLogarithmic {
            value =
                (high / low).isFinite
                ? low * pow(high / low, place) : exp(log(low) + (log(high) - log(low)) * place)
        } else {
            value =
                (high - low).isFinite
                ? low + (high - low) * place : low * (1 - place) + high * place
        }
        return min(high, max(low, value))
    }

    private func nearest(_ value: Double, _ count: Int) -> Double {
        self.value(min(count - 1, max(0, index(of: value))))
    }

    /// A value as `--param` takes it.
    public func text(_ value: Double) -> String {
        switch kind {
        case .int: String(Dimension.whole(value))
        case .float: Int(exactly: value).map(String.init) ?? "\(value)"
        case .choice(let names):
            names.indices.contains(index(of: value)) ? names[index(of: value)] : "\(value)"
        case .bool: value == 1 ? "true" : "false"
        }
    }

    /// The values in words, as part of a study's identity.
    public var text: String {
        switch kind {
        case .int(let range, let step): "\(range.lowerBound)…\(range.upperBound) step \(step)"
        case .float(let range, let step, let isLogarithmic):
            "\(range.lowerBound)…\(range.upperBound)" + (step.map { " step \($0)" } ?? "")
                + (isLogarithmic ? " log" : "")
        case .choice(let names): names.joined(separator: ", ")
        case .bool: "false, true"
        }
    }
}

extension Int {
    /// How far it lies below another, which may be more than an `Int` holds.
    fileprivate func distance(below other: Int) -> UInt {
        UInt(bitPattern: other) &- UInt(bitPattern: self)
    }
}
