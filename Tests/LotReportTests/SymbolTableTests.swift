import Foundation
import LotCore
import LotMath
import LotTestSupport
import Testing

@testable import LotReport

/// What a result of several symbols looks like.
@Suite struct SymbolTableTests {
    /// The synthetic run as if it had been over `count` symbols, trades dealt out in turn.
    private func result(_ count: Int) -> RunResult {
        var result = SyntheticRun.result(bars: 400)
        let names = (0..<count).map { "S\($0 / 10)\($0 % 10)USDT" }
        result.portfolio = names.map { name in
            var data = result.data
            if let address = try? SeriesAddress(parsing: "test:\(name):1h") {
                data.address = address
            }
            return SymbolData(data: data, instrument: result.instrument)
        }
        result.data.symbols = names
        for index in result.trades.indices { result.trades[index].symbol = index % count }
        for index in result.orders.indices { result.orders[index].symbol = index % count }
        result.symbols = names.indices.map { symbol in
            var row = SymbolRow(symbol: names[symbol])
            for trade in result.trades where trade.symbol == symbol { row.add(trade) }
            return row
        }
        return result
    }

    @Test func `a row adds up its trades`() {
        var row = SymbolRow(symbol: "X")
        #expect(row.winRate.isNaN && row.profitFactor.isNaN && row.average.isNaN)
        for (profit, fraction) in [(30.0, 0.3), (-10.0, -0.1), (-10.0, -0.2), (0.0, 0.0)] {
            row.add(
                Trade(
                    side: .buy, entryTime: 0, exitTime: 4, entryRow: 0, exitRow: 1,
                    entryPrice: 10, exitPrice: 12, quantity: 2, fees: 0, profit: profit,
                    profitFraction: fraction, entryTag: "", exitTag: "", isAmbiguous: false))
        }
        #expect(row.trades == 4 && row.wins == 1 && row.losses == 2)
        #expect(row.winRate == 0.25 && row.profitFactor == 1.5)
        #expect(row.best == 0.3 && row.worst == -0.2 && abs(row.average) < 1e-15)
        #expect(row.duration == 4 && row.volume == 176)
    }

    @Test func `a result of several symbols keeps to the schema`() throws {
        let schema = try JSONDocument(Data(contentsOf: ResultSchemaTests.path))
        let document = try JSONDocument(ResultJSON.render(result(3)))
        #expect(SchemaValidator(schema).problems(document) == [])
    }

    @Test func `the folder has symbols.csv with a row for each`() throws {
        let names = RunFolder.outputs(result(3)).map(\.name)
        #expect(names.contains("symbols.csv"))
        #expect(
            !RunFolder.outputs(SyntheticRun.result(bars: 50)).map(\.name).contains("symbols.csv"))
        let rows = String(decoding: SymbolTable.csv(result(3)), as: UTF8.self)
            .split(separator: "\r\n")
        #expect(rows.count == 4)
        #expect(
            Set(rows.map { $0.split(separator: ",", omittingEmptySubsequences: false).count })
                == [27])
    }

    @Test func `the terminal lists up to twenty symbols, the most profitable`() {
        let few = BacktestTable.render(result(3), width: 100)
        #expect(few.contains("S00USDT,S01USDT,S02USDT") && few.contains("\nS02USDT"))
        let many = BacktestTable.render(result(50), width: 100)
        #expect(many.contains("test:50 symbols:1h"))
        #expect(many.contains("and 30 more: symbols.csv has all"))
        #expect(many.split(separator: "\n").allSatisfy { $0.count <= 100 })
    }

    @Test func `the report has a table of symbols and no chart of one price`() {
        let several = result(3)
        let page = HTMLReport.render(
            several, charts: ChartSet.draw(several, gnuplot: Gnuplot.find()))
        #expect(page.contains("<h2>Symbols</h2>") && page.contains("S02USDT"))
        #expect(!page.contains("Price, entries and exits"))
        let one = SyntheticRun.result(bars: 400)
        let single = HTMLReport.render(one, charts: ChartSet.draw(one, gnuplot: nil))
        #expect(!single.contains("<h2>Symbols</h2>"))
    }
}
