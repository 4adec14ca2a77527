import ArgumentParser
import LotCore

/// The version of `lot`, and of the engine that a run's manifest names.
public let lotVersion = "0.2.0"

/// A command of `lot`: it runs, and says with which exit code it ends.
protocol ConfiguredCommand: ParsableCommand {
    /// The flags that decide how output looks.
    var global: GlobalOptions { get }
    /// Does the work; 0 is success, 1 a check that said no.
    ///
    /// The command's options hold what is in effect; `configuration` knows who decided it.
    func execute(_ console: Console, _ configuration: Configuration) throws(Diagnosis) -> Int32
}

/// A command that does not ask who decided its options.
protocol Command: ConfiguredCommand {
    /// Does the work; 0 is success, 1 a check that said no.
    func execute(_ console: Console) throws(Diagnosis) -> Int32
}

extension Command {
    func execute(_ console: Console, _ configuration: Configuration) throws(Diagnosis) -> Int32 {
        try execute(console)
    }
}

/// The root command.
struct LotCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lot",
        abstract: "Quantitative crypto trading from the command line.",
        discussion: """
            Strategies are Lua scripts, market data are memory-mapped files, results are files.
            Nothing leaves this machine.

            Examples:
              lot data import BTCUSDT-1h-*.zip --as binance:BTCUSDT:1h
              lot backtest strategies/sma_cross.lua --data binance:BTCUSDT:1h
              lot backtest s.lua --data binance:BTCUSDT:1h --param fast=10 --assert "sharpe>=1"
            """,
        version: lotVersion,
        subcommands: [
            BacktestCommand.self, OptimizeCommand.self, DataCommand.self, ExplainCommand.self,
            IndicatorsCommand.self,
            ReportCommand.self,
            NewCommand.self, ConfigCommand.self, SchemaCommand.self, CompletionsCommand.self,
        ])
}
