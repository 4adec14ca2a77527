/// Fees from some traded amount on.
public struct FeeTier: Sendable, Hashable {
    /// Least notional traded in the 30 UTC days before, in quote currency.
    public var volume: Double
    /// Fee of resting orders, as a fraction of notional; negative for a rebate.
    public var maker: Double
    /// Fee of orders that take liquidity, as a fraction of notional.
    public var taker: Double

    /// Makes a tier.
    public init(volume: Double, maker: Double, taker: Double) {
        self.volume = volume
        self.maker = maker
        self.taker = taker
    }
}

/// What is wrong with a table of fee tiers.
public struct FeeTierError: Error, Equatable {
    /// For a person.
    public let reason: String
}

/// A table of fees by what was traded in the 30 UTC days before (`docs/execution.md`, rule 11).
public struct FeeTiers: Sendable, Hashable, CustomStringConvertible {
    /// At least one; the first from 0 on, volumes rising.
    public let tiers: [FeeTier]

    /// Reads `VOLUME:MAKER/TAKER`, separated by commas or lines: `0:0.001/0.001,1000:0.0009/0.001`.
    ///
    /// Blank lines and what follows a `#` are left out, so that a file can say where it is from.
    public init(_ text: String) throws(FeeTierError) {
        var tiers: [FeeTier] = []
        for line in text.split(whereSeparator: \.isNewline) {
            let code = line.prefix { $0 != "#" }
            for part in code.split(separator: ",") {
                let entry = part.filter { !$0.isWhitespace }
                if entry.isEmpty { continue }
                tiers.append(try FeeTiers.tier(entry))
            }
        }
        guard tiers.first?.volume == 0 else {
            throw FeeTierError(reason: "the first tier must begin at a volume of 0")
        }
        for (lower, upper) in zip(tiers, tiers.dropFirst()) where lower.volume >= upper.volume {
            throw FeeTierError(reason: "volume \(upper.volume) does not rise from \(lower.volume)")
        }
        self.tiers = tiers
    }

    private static func tier(_ text: String) throws(FeeTierError) -> FeeTier {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        let rates = parts.count == 2 ? parts[1].split(separator: "/") : []
        let numbers = ([parts[0]] + rates).map { part in
            let isPlain = part.utf8.allSatisfy {
                (0x30...0x39).contains($0) || $0 == 0x2e || $0 == 0x2d
            }
            return isPlain ? Double(part) : nil
        }
        guard numbers.count == 3, let volume = numbers[0], let maker = numbers[1],
            let taker = numbers[2], volume.isFinite, volume >= 0, maker > -0.1, maker < 0.5,
            taker >= 0, taker < 0.5
        else {
            throw FeeTierError(
                reason: "\"\(escaped(text))\" is not VOLUME:MAKER/TAKER, such as 0:0.001/0.001")
        }
        return FeeTier(volume: volume, maker: maker, taker: taker)
    }

    /// The table on one line, as the initialiser reads it.
    public var description: String {
        tiers.map { "\($0.volume):\($0.maker)/\($0.taker)" }.joined(separator: ",")
    }
}
