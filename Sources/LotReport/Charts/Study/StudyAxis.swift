import LotCore

/// A parameter as an axis from 0 to 1.
public struct StudyAxis: Sendable {
    let name: String
    let cells: Int
    /// Whether its values have an order: lines between them mean something.
    let isOrdered: Bool
    let ticks: [ChartTick]

    /// Longest label of a tick.
    private static let labelLimit = 12

    /// Names an axis.
    ///
    /// - Parameters:
    ///   - name: Of the parameter.
    ///   - cells: Columns of a heat map.
    ///   - isOrdered: Whether its values have an order.
    ///   - ticks: Labels and their places in 0…1.
    public init(
        _ name: String, cells: Int, isOrdered: Bool = true, ticks: [(label: String, place: Double)]
    ) {
        self.name = name
        self.cells = max(1, cells)
        self.isOrdered = isOrdered
        self.ticks = ticks.map { ChartTick(label: StudyAxis.short($0.label), place: $0.place) }
    }

    /// A label of at most so many characters.
    static func short(_ label: String, limit: Int = labelLimit) -> String {
        label.count > limit ? label.prefix(limit - 1) + "…" : label
    }

    /// The column that a place is in.
    func cell(_ place: Double) -> Int {
        // The first for what is no number: a minimum or maximum of it is the other one.
        Int(min(Double(cells - 1), max(0, place * Double(cells))))
    }

    /// Where a dot of a trial stands: beside the middle where values have no order, so that dots
    /// of one value can be told apart; the trial's number decides how far.
    func spread(_ place: Double, _ number: Int) -> Double {
        guard !isOrdered else { return place }
        let lot = Xoshiro256.mix(UInt64(bitPattern: Int64(number)) &+ 1) >> 40
        return place + (Double(lot) / 0x1p24 - 0.5) * 0.6 / Double(cells)
    }

    /// The middle of a column.
    func middle(_ cell: Int) -> Double { (Double(cell) + 0.5) / Double(cells) }

    /// At most eight round numbers of a range: multiples of 1, 2 or 5 times a power of ten, or
    /// 1, 2 and 5 times powers of ten where the axis is logarithmic.
    ///
    /// - Parameters:
    ///   - low: The least value; above 0 on a logarithmic axis.
    ///   - high: The largest value.
    ///   - isLogarithmic: Whether equal ratios have equal lengths.
    /// - Returns: The numbers, rising; `low` alone where the range is empty.
    public static func roundNumbers(
        _ low: Double, _ high: Double, isLogarithmic: Bool
    ) -> [Double] {
        guard low.isFinite, high.isFinite, low < high else { return [low] }
        // Below, powers of ten lose their digits.
        guard isLogarithmic, low > 1e-300, high / low >= 5 else {
            guard (high - low).isFinite else { return [low, high] }
            let step = Chart.tickStep(low, high)
            let first = (low / step).rounded(.up)
            let count = min(8, max(0, (high / step).rounded(.down) - first + 1))
            return (0..<Int(count)).map { (first + Double($0)) * step }
        }
        var numbers: [Double] = []
        var power = 1.0
        while power > low { power /= 10 }
        while power * 10 <= low { power *= 10 }
        while power <= high {
            for factor in [1.0, 2, 5] where (low...high).contains(power * factor) {
                numbers.append(power * factor)
            }
            power *= 10
        }
        let stride = (numbers.count + 7) / 8
        return numbers.enumerated().filter { $0.offset % stride == 0 }.map(\.element)
    }
}
