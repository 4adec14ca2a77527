/// How market-like fills are moved against the trader (`docs/execution.md`, rule 11).
public enum Slippage: Sendable, Hashable, CustomStringConvertible {
    /// Not at all.
    case none
    /// By so many basis points (1 bp = 0.01 %) of the reference price.
    case basisPoints(Double)
    /// By half of a quoted spread of so many basis points.
    case halfSpread(Double)
    /// By impact · s² of the reference price, s being the fill's share of the bar's volume, at most
    /// `limit`.
    ///
    /// - SeeAlso: zipline, `VolumeShareSlippage`; QuantConnect LEAN, `VolumeShareSlippageModel`.
    case volumeShare(limit: Double, impact: Double)

    /// Reads what ``description`` writes and the command line takes; `nil` for anything else.
    public init?(_ text: String) {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        var numbers: [Double] = []
        for part in parts.count == 2 ? parts[1].split(separator: ",", maxSplits: 2) : [] {
            let isPlain = part.utf8.allSatisfy { (0x30...0x39).contains($0) || $0 == 0x2e }
            guard isPlain, let number = Double(part), number.isFinite else { return nil }
            numbers.append(number)
        }
        switch (parts[0], parts.count, numbers.count) {
        case ("none", 1, 0): self = .none
        case ("bps", 2, 1) where numbers[0] < 5_000:
            self = numbers[0] == 0 ? .none : .basisPoints(numbers[0])
        case ("half-spread", 2, 1) where numbers[0] < 10_000,
            ("spread", 2, 1) where numbers[0] < 10_000:
            self = numbers[0] == 0 ? .none : .halfSpread(numbers[0])
        case ("volume-share", 1, 0): self = .volumeShare(limit: 0.025, impact: 0.1)
        case ("volume-share", 2, 1...2):
            let impact = numbers.count == 2 ? numbers[1] : 0.1
            let limit = numbers[0]
            guard limit > 0, limit <= 1, impact * limit * limit < 0.5 else { return nil }
            self = .volumeShare(limit: limit, impact: impact)
        default: return nil
        }
    }

    /// As written on the command line: `none`, `bps:2.0`, `volume-share:0.025,0.1`.
    public var description: String {
        switch self {
        case .none: "none"
        case .basisPoints(let points): "bps:\(points)"
        case .halfSpread(let points): "half-spread:\(points)"
        case .volumeShare(let limit, let impact): "volume-share:\(limit),\(impact)"
        }
    }

    /// Whether the fills of a bar depend on its volume.
    public var needsVolume: Bool {
        if case .volumeShare = self { true } else { false }
    }
}
