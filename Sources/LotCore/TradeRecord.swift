/// The number of a tag in a run's ``TagTable``; 0 is "no tag".
public typealias TagID = UInt32

/// The tags of a run, each text once: records of orders and trades hold numbers, so that they are
/// plain memory and copying one costs no reference count.
public struct TagTable: Sendable, Equatable {
    private var texts: [String] = []
    private var ids: [String: TagID] = [:]

    /// A table that knows the empty tag, and those of orders that the exchange makes itself.
    public init() {
        _ = id(of: "")
        for origin in OrderOrigin.allCases { _ = id(of: origin.rawValue) }
    }

    /// Returns the number of `text`, which is new or was seen before.
    ///
    /// - Complexity: O(length) amortised.
    public mutating func id(of text: String) -> TagID {
        if let known = ids[text] { return known }
        let id = TagID(texts.count)
        texts.append(text)
        ids[text] = id
        return id
    }

    /// The text of a number that ``id(of:)`` gave.
    public subscript(id: TagID) -> String { texts[Int(id)] }
}

extension OrderOrigin {
    /// The number that every ``TagTable`` has for the origin's own word.
    public var tag: TagID {
        switch self {
        case .strategy: 1
        case .stopLoss: 2
        case .takeProfit: 3
        case .trailingStop: 4
        case .maxBars: 5
        case .endOfData: 6
        case .liquidation: 7
        }
    }
}

/// A closed trade as plain numbers: what statistics are computed from, and what a search keeps.
///
/// ``Trade`` is the same with its tags spelt out.
public struct TradeRecord: Sendable, Equatable {
    /// Long (`buy`) or short (`sell`).
    public var side: Side
    /// Whether a fill depended on the order of events inside a bar.
    public var isAmbiguous: Bool
    /// Number of the entry's tag.
    public var entryTag: TagID
    /// Number of the exit's tag.
    public var exitTag: TagID
    /// Open time of the bar of the first entry fill (milliseconds since the epoch).
    public var entryTime: Int64
    /// Open time of the bar of the last exit fill.
    public var exitTime: Int64
    /// Row of the entry bar.
    public var entryRow: Int
    /// Row of the exit bar.
    public var exitRow: Int
    /// Average entry price.
    public var entryPrice: Double
    /// Average exit price.
    public var exitPrice: Double
    /// Quantity that was opened and closed, in base currency.
    public var quantity: Double
    /// Fees of all its fills, in quote currency.
    public var fees: Double
    /// Funding paid while it was open, in quote currency; negative if received.
    public var funding: Double
    /// Profit after fees and funding, in quote currency.
    public var profit: Double
    /// Profit after fees and funding over the entry's notional.
    public var profitFraction: Double

    /// Makes a record; tags default to none, funding to 0.
    public init(
        side: Side, isAmbiguous: Bool = false, entryTag: TagID = 0, exitTag: TagID = 0,
        entryTime: Int64, exitTime: Int64, entryRow: Int, exitRow: Int, entryPrice: Double,
        exitPrice: Double, quantity: Double, fees: Double, funding: Double = 0, profit: Double,
        profitFraction: Double
    ) {
        self.side = side
        self.isAmbiguous = isAmbiguous
        self.entryTag = entryTag
        self.exitTag = exitTag
        self.entryTime = entryTime
        self.exitTime = exitTime
        self.entryRow = entryRow
        self.exitRow = exitRow
        self.entryPrice = entryPrice
        self.exitPrice = exitPrice
        self.quantity = quantity
        self.fees = fees
        self.funding = funding
        self.profit = profit
        self.profitFraction = profitFraction
    }
}

extension Trade {
    /// The trade as plain numbers, without its tags.
    public var record: TradeRecord {
        TradeRecord(
            side: side, isAmbiguous: isAmbiguous, entryTime: entryTime, exitTime: exitTime,
            entryRow: entryRow, exitRow: exitRow, entryPrice: entryPrice, exitPrice: exitPrice,
            quantity: quantity, fees: fees, funding: funding, profit: profit,
            profitFraction: profitFraction)
    }
}

extension TradeRecord {
    /// The trade with its tags spelt out by the table that numbered them.
    public func trade(_ tags: TagTable) -> Trade {
        Trade(
            side: side, entryTime: entryTime, exitTime: exitTime, entryRow: entryRow,
            exitRow: exitRow, entryPrice: entryPrice, exitPrice: exitPrice, quantity: quantity,
            fees: fees, funding: funding, profit: profit, profitFraction: profitFraction,
            entryTag: tags[entryTag], exitTag: tags[exitTag], isAmbiguous: isAmbiguous)
    }
}
