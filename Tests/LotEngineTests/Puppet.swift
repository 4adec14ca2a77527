import LotCore
import LotEngine
import LotMath

/// A strategy that does what a test says at each bar.
final class Puppet: Strategy {
    let program = SeriesProgram()
    let wantsUpdates = true
    let conflicts = 0
    var seen: [AccountView] = []
    var updates: [(row: Int, update: OrderUpdate)] = []
    private let act: (AccountView, OrderDesk) -> Void
    private var desk: OrderDesk?

    init(_ act: @escaping (AccountView, OrderDesk) -> Void) { self.act = act }

    func start(_ context: StrategyContext) { desk = context.desk }
    func tileChanged() {}
    func onStop(_ account: AccountView) {}

    func onBar(_ account: AccountView) {
        seen.append(account)
        if let desk { act(account, desk) }
    }

    func onUpdates(_ updates: [OrderUpdate], _ account: AccountView) {
        self.updates += updates.map { (account.row, $0) }
    }
}

/// Hourly bars from 2024-01-01T00:00Z, written as (open, high, low, close) and maybe a volume.
func hourly(
    _ rows: [(Double, Double, Double, Double)], volume: [Double]? = nil, start: Int64 = newYear
) -> Bars {
    let list = rows.enumerated().map { index, row in
        Bar(
            openTime: start + Int64(index) * 3_600_000, open: row.0, high: row.1, low: row.2,
            close: row.3, volume: volume?[index] ?? 1_000_000)
    }
    guard let interval = Interval("1h") else { preconditionFailure("1h is an interval") }
    return Bars(interval: interval, list)
}

/// 2024-01-01T00:00Z.
let newYear: Int64 = 1_704_067_200_000

/// No fees, no slippage, no volume limit: only the rule under test moves the numbers.
let free = RunSettings(
    makerFee: 0, takerFee: 0, slippage: .none, volumeLimit: nil)

/// Runs a puppet over bars and returns what came of it.
func simulate(
    _ bars: Bars, _ settings: RunSettings = free,
    _ act: @escaping (AccountView, OrderDesk) -> Void
) throws -> BacktestOutcome {
    try simulate(bars, settings, Instrument(), act)
}

/// Runs a puppet over bars of a known instrument.
func simulate(
    _ bars: Bars, _ settings: RunSettings, _ instrument: Instrument,
    _ act: @escaping (AccountView, OrderDesk) -> Void
) throws -> BacktestOutcome {
    try runBacktest(
        Puppet(act),
        BacktestInput(
            bars: bars, window: 0..<bars.count, instrument: instrument, settings: settings))
}

/// Sends `request` at the close of bar `row`, once.
func at(_ row: Int, _ request: OrderRequest) -> (AccountView, OrderDesk) -> Void {
    { account, desk in if account.row == row { _ = desk.submit(request) } }
}

/// Sends requests at the closes of bars.
func plan(_ requests: [Int: [OrderRequest]]) -> (AccountView, OrderDesk) -> Void {
    { account, desk in
        for request in requests[account.row] ?? [] { _ = desk.submit(request) }
    }
}

/// Whether two numbers agree to a relative 1e-12.
func close(_ a: Double, _ b: Double) -> Bool { abs(a - b) <= 1e-12 * max(abs(a), abs(b), 1) }
