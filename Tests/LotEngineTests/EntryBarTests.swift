import LotCore
import LotEngine
import Testing

/// Rule 6 in every combination: each way to enter, with each bracket, in each shape of bar, long
/// and short, against ``EntryBarReference``.
@Suite struct EntryBarTests {
    private static let brackets = [
        Bracket(stopLoss: 0.03), Bracket(takeProfit: 0.03),
        Bracket(stopLoss: 0.03, takeProfit: 0.03), Bracket(trailingStop: 0.025),
        Bracket(stopLoss: 0.03, trailingStop: 0.025), Bracket(maxBars: 1),
        Bracket(stopLoss: 0.01, takeProfit: 0.01, trailingStop: 0.05, maxBars: 2),
    ]

    /// Shapes of the entry's bar and the next: every way that its extremes and close can lie.
    private static let shapes: [[(Double, Double, Double, Double)]] = {
        var shapes: [[(Double, Double, Double, Double)]] = []
        for high in [100.0, 101, 102, 104, 107] {
            for low in [100.0, 99, 98, 96, 93] {
                for close in [low, (low + high) / 2, high] {
                    shapes.append([(100, high, low, close), (close, close + 1, close - 1, close)])
                    shapes.append([
                        (100, high, low, close), (100, high + 3, low - 3, 100),
                        (close, close + 5, close - 5, close),
                    ])
                }
            }
        }
        return shapes
    }()

    @Test(arguments: EntryForm.allCases, [1.0, -1])
    func `each bracket comes out as a plain reading of the rules has it`(
        _ form: EntryForm, _ sign: Double
    ) throws {
        try compare(form, sign, .worst) { bars, request in
            var reference = EntryBarReference(bars, request)
            return reference.worst()
        }
    }

    @Test(arguments: EntryForm.allCases, [1.0, -1])
    func `each bracket comes out as the path read tick by tick has it`(
        _ form: EntryForm, _ sign: Double
    ) throws {
        try compare(form, sign, .ohlc) { bars, request in
            var reference = PathReference(bars, request)
            return reference.run()
        }
    }

    private func compare(
        _ form: EntryForm, _ sign: Double, _ model: IntrabarModel,
        _ expect: (Bars, OrderRequest) -> EntryBarReference.Done?
    ) throws {
        var settings = free
        settings.intrabar = model
        let instrument = Instrument(market: sign > 0 ? .spot : .perp)
        var filled = 0
        var tags: Set<String> = []
        for bracket in Self.brackets {
            let request = form.request(sign, bracket)
            for shape in Self.shapes {
                let bars = Self.bars(shape, sign)
                let result = try simulate(bars, settings, instrument, at(0, request))
                let expected = expect(bars, request)
                let trade = result.trades.first
                #expect((trade == nil) == (expected == nil), "\(request) \(shape)")
                guard let trade, let expected else { continue }
                filled += 1
                tags.insert(trade.exitTag)
                let isSame = Self.isSame(trade, expected)
                #expect(isSame, "\(request) \(shape): expected \(expected), got \(trade)")
            }
        }
        // Each form enters in most shapes and is left in every way.
        #expect(filled > 200)
        #expect(tags.count >= 4, "\(tags)")
    }

    /// Bar 0 and the end are quiet; of a short position everything is mirrored at 100.
    private static func bars(_ shape: [(Double, Double, Double, Double)], _ sign: Double) -> Bars {
        let quiet = (100.0, 100.0, 100.0, 100.0)
        var rows = [quiet]
        for bar in shape {
            let mirrored = (200 - bar.0, 200 - bar.2, 200 - bar.1, 200 - bar.3)
            rows.append(sign > 0 ? bar : mirrored)
        }
        return hourly(rows + [quiet])
    }

    private static func isSame(_ trade: Trade, _ wanted: EntryBarReference.Done) -> Bool {
        guard trade.entryRow == wanted.entryRow, trade.exitRow == wanted.exitRow,
            close(trade.entryPrice, wanted.entryPrice), close(trade.exitPrice, wanted.exitPrice)
        else { return false }
        return trade.exitTag == wanted.tag && trade.isAmbiguous == wanted.isAmbiguous
    }
}
