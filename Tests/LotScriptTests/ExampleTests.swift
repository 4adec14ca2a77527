import Glibc
import LotCore
import LotEngine
import LotMath
import LotScript
import Testing

/// The strategies that ship with `lot`.
@Suite struct Examples {
    static let names = [
        "sma_cross", "bollinger_breakout", "donchian_turtle", "rsi_mean_reversion", "macd_trend",
        "atr_trailing_stop", "breakout_retest", "trend_filter_4h", "laguerre_rsi", "supertrend_adx",
    ]

    static func load(_ name: String, _ parameters: [(String, String)] = []) throws -> ScriptStrategy
    {
        let root = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
        let file = try ScriptFile.load(path: "/\(root)/strategies/\(name).lua")
        return try ScriptStrategy(file, parameters: parameters, address: testAddress())
    }

    /// Ups and downs of several lengths: enough for every example to trade.
    static let closes: [Double] = (0..<6_000).map { row in
        let time = Double(row)
        return 1_000 + 200 * sin(time / 170) + 60 * sin(time / 23) + 15 * sin(time / 5)
    }

    @Test(arguments: names) func `every example loads, trades, and leaves nothing open`(
        _ name: String
    ) throws {
        let strategy = try Examples.load(name)
        #expect(strategy.name == name)
        let trades = try run(strategy, Examples.closes).trades
        #expect(trades.count > 3)
        #expect(trades.allSatisfy { $0.side == .buy && $0.quantity > 0 })
    }

    @Test(arguments: names) func `the same run gives the same trades`(_ name: String) throws {
        let first = try run(Examples.load(name), Examples.closes)
        let second = try run(Examples.load(name), Examples.closes)
        #expect(first.trades == second.trades)
    }

    @Test func `every indicator of the registry is there by its name and its outputs`() throws {
        for definition in IndicatorRegistry.all {
            let inputs = definition.inputs.map { input in
                switch input {
                case .column: "ctx"
                case .series, .level: "ctx.close"
                case .condition: "ctx.close:above(ctx.open)"
                }
            }
            let source = definition.readsBars ? "ctx" : inputs.joined(separator: ", ")
            for name in [definition.name] + definition.aliases {
                let body = "local t = { ta.\(name)(\(source)) } print(#t)"
                let setUp = "function S:on_init(ctx) \(body) end"
                let log = try run(onBar("", setUp: setUp), [1]).notes.log
                #expect(log.first?.text == String(definition.outputs.count), "\(name)")
            }
        }
    }
}
