public import LotCore
public import LotMath

/// One symbol of a run over several.
public struct PortfolioSymbol: Sendable {
    /// What results call it; decides the order in which symbols act.
    public var name: String
    /// The stored bars from row 0: indicators run from there.
    public var bars: Bars
    /// The rows of the run; empty if the symbol has no bar in it.
    public var window: Range<Int>
    /// The exchange's rules for the symbol.
    public var instrument: Instrument
    /// The bars of every other series that its strategy reads.
    public var sources: SourceBars
    /// Funding and mark prices, for a perpetual.
    public var perpetual: PerpetualData
    /// Finer bars of the symbol, which are walked where something can happen; `nil` takes each bar
    /// whole.
    public var detail: Bars?
    /// Fees and leverage of its own; `nil` takes the run's.
    public var terms: SymbolTerms?

    /// Gathers what a run needs of a symbol.
    ///
    /// - Parameters:
    ///   - name: Unique in the run.
    ///   - bars: Columns from the first stored row.
    ///   - window: Rows inside `bars`.
    ///   - instrument: Steps and minimums; unknown ones are not applied.
    ///   - sources: The bars of every other series that its strategy reads.
    ///   - perpetual: Funding and mark prices, for a perpetual.
    ///   - detail: Finer bars, any rows of them.
    ///   - terms: Fees and leverage of its own.
    public init(
        name: String, bars: Bars, window: Range<Int>, instrument: Instrument,
        sources: SourceBars = SourceBars(), perpetual: PerpetualData = PerpetualData(),
        detail: Bars? = nil, terms: SymbolTerms? = nil
    ) {
        precondition(window.lowerBound >= 0 && window.upperBound <= bars.count)
        self.name = name
        self.bars = bars
        self.window = window
        self.instrument = instrument
        self.sources = sources
        self.perpetual = perpetual
        self.detail = detail
        self.terms = terms
    }

    /// The run's settings as they are for the symbol.
    func settings(_ settings: RunSettings) -> RunSettings {
        var own = settings
        if let terms { own.take(terms) }
        return own
    }

    /// The finer bars as the exchange walks them.
    var detailBars: DetailBars? { detail.map { DetailBars($0, in: bars.interval) } }

    /// Funding and mark prices by row; `nil` on spot.
    var schedule: PerpetualSchedule? {
        guard instrument.market == .perp, !window.isEmpty else { return nil }
        return PerpetualSchedule(perpetual, bars, window: window)
    }
}

/// What a run over several symbols and one account needs besides its strategies.
public struct PortfolioInput: Sendable {
    /// The symbols in name order: the order in which they act.
    public let symbols: [PortfolioSymbol]
    /// Fees, slippage, limits, seed; the starting cash is the account's.
    public var settings: RunSettings
    /// The largest equity of the run that this one goes on from; 0 for none.
    public var earlierPeak = 0.0

    /// Gathers an input; the order in which symbols are given does not matter.
    ///
    /// - Parameters:
    ///   - symbols: At least one with a bar, of one interval, with names that differ.
    ///   - settings: Everything else that decides the result.
    public init(_ symbols: [PortfolioSymbol], settings: RunSettings) {
        precondition(symbols.contains { !$0.window.isEmpty }, "a run without bars")
        precondition(
            symbols.allSatisfy { $0.bars.interval == symbols.first?.bars.interval },
            "symbols of different intervals")
        precondition(Set(symbols.map(\.name)).count == symbols.count, "a symbol given twice")
        self.symbols = symbols.sorted { $0.name < $1.name }
        self.settings = settings
    }

    /// Whether each symbol has a long and a short leg.
    var isHedged: Bool {
        symbols[0].instrument.market == .perp && settings.perpetual.positionMode == .hedge
    }

    /// Length of each bar.
    public var interval: Interval { symbols[0].bars.interval }

    /// Bars of all symbols together.
    public var barCount: Int { symbols.reduce(0) { $0 + $1.window.count } }

    /// Counts the different open times: how often the account is marked.
    ///
    /// - Parameter time: Earlier ones are not counted (milliseconds since the epoch).
    /// - Returns: Their number.
    /// - Complexity: O(bars of all symbols).
    public func stepCount(since time: Int64 = .min) -> Int {
        var steps = OpenTimes(self)
        var count = 0
        while let step = steps.next() { count += step >= time ? 1 : 0 }
        return count
    }

    /// The input as if nothing had been stored from `time` on.
    ///
    /// - Parameter time: An open time after the first bar's (milliseconds since the epoch).
    /// - Returns: The input; symbols that begin later have an empty window.
    public func ending(before time: Int64) -> PortfolioInput {
        let cut = symbols.map { symbol in
            var symbol = symbol
            let rows = symbol.bars.firstIndex(atOrAfter: time)
            let end = min(rows, symbol.window.upperBound)
            symbol.window = min(symbol.window.lowerBound, end)..<end
            symbol.bars = symbol.bars.slice(0..<rows)
            symbol.sources = symbol.sources.closed(by: time)
            return symbol
        }
        return PortfolioInput(cut, settings: settings)
    }

    /// The input as if nothing had been stored before `time`, its windows from `first` on.
    ///
    /// - Parameters:
    ///   - time: An open time (milliseconds since the epoch); `Int64.min` leaves all stored.
    ///   - first: The earliest open time of the run, not before `time`.
    /// - Returns: The input; symbols that have ended by then have an empty window.
    func beginning(at time: Int64, from first: Int64) -> PortfolioInput {
        let later = symbols.map { symbol in
            var symbol = symbol
            let start = time > .min ? symbol.bars.firstIndex(atOrAfter: time) : 0
            let end = symbol.window.upperBound
            let wanted = symbol.bars.firstIndex(atOrAfter: first)
            let row = min(end, max(symbol.window.lowerBound, wanted))
            let cut = min(start, row)
            symbol.bars = symbol.bars.slice(cut..<symbol.bars.count)
            symbol.window = row - cut..<end - cut
            if time > .min { symbol.sources = symbol.sources.opened(since: time) }
            return symbol
        }
        return PortfolioInput(later, settings: settings)
    }
}

/// The open times of a run over several symbols, each once, rising: a merge of their columns.
struct OpenTimes {
    private var columns: [Column<Int64>]
    private var rows: [Int]
    private let ends: [Int]

    init(_ input: PortfolioInput) {
        columns = input.symbols.map(\.bars.openTime)
        rows = input.symbols.map(\.window.lowerBound)
        ends = input.symbols.map(\.window.upperBound)
    }

    /// The next time; `nil` after the last.
    ///
    /// - Complexity: O(symbols).
    mutating func next() -> Int64? {
        var earliest = Int64.max
        for index in rows.indices where rows[index] < ends[index] {
            earliest = min(earliest, columns[index][rows[index]])
        }
        guard earliest < .max else { return nil }
        for index in rows.indices
        where rows[index] < ends[index] && columns[index][rows[index]] == earliest {
            rows[index] += 1
        }
        return earliest
    }
}
