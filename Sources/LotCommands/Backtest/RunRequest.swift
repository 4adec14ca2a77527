import LotCore
import LotData
import LotScript

/// A stretch of time, `start` included, `end` excluded, in milliseconds since the epoch; `nil` is
/// where the data begin or end.
struct TimeRange: Sendable, Hashable {
    var start: Int64?
    var end: Int64?

    /// As `--window` takes it.
    var text: String {
        (start.map(CivilTime.text) ?? "") + ".." + (end.map(CivilTime.text) ?? "")
    }
}

/// A run that is asked for: everything that decides it, nothing opened yet.
struct RunRequest: Sendable {
    var workspace: Workspace
    /// Path of the script.
    var script: String
    /// Parameters in place of their defaults.
    var parameters: [(String, String)]
    var address: SeriesAddress
    /// What other series were made of in the run that this one repeats.
    var origins: [SeriesAddress: SeriesAddress] = [:]
    var range: TimeRange
    var settings: RunSettings
    var instrument: Instrument
    var limits: ScriptLimits
    /// Interval of the finer bars that are walked; `nil` takes each bar whole.
    var detail: Interval?
    /// A run of each symbol, for one over several; empty for one.
    var parts: [RunRequest] = []
    /// What it is put together from; `nil` for a run of one piece.
    var stitch: StitchRequest?

    /// The symbols it is over.
    var symbols: [String] {
        parts.isEmpty ? [address.symbol] : parts.map(\.address.symbol)
    }

    /// What distinguishes it from others, for people.
    var label: String {
        let file = script.split(separator: "/").last.map(String.init) ?? script
        let window = range == TimeRange() ? "" : " " + range.text
        return "\(escaped(file)) \(title)\(window)"
    }
}

/// A command whose flags say what is run: data, settings, limits.
protocol RunningCommand: ConfiguredCommand {
    /// The strategies, .lua files.
    var strategies: [String] { get }
    /// Parameters in place of their defaults, as `name=value`.
    var param: [String] { get }
    /// A file of further parameters.
    var params: String? { get }
    /// Which bars a run is over.
    var series: SeriesOptions { get }
    /// How orders fill.
    var settings: SettingOptions { get }
    /// What is special of perpetuals.
    var perpetual: PerpetualOptions { get }
    /// What bounds a script.
    var limits: LimitOptions { get }
}

extension RunningCommand {
    /// The runs that the flags ask for: each strategy over each series, or over its symbols, over
    /// each window, in this order; each strategy with what it sets for itself where nobody else
    /// does.
    func requests(_ configuration: Configuration) throws(Diagnosis) -> [RunRequest] {
        var requests: [RunRequest] = []
        for (index, script) in strategies.enumerated() {
            guard !strategies[..<index].contains(script) else {
                throw usage("strategy", "\"\(escaped(script))\" given twice", hint: "keep one")
            }
            let own: StrategySettings.Applied<Self>?
            do throws(Diagnosis) {
                own = try StrategySettings.applied(to: configuration, script, scriptLimits)
            } catch {
                // Of a script that is not there the flags are looked at first.
                if error.code == .noInput { _ = try self.requests(of: script) }
                throw error
            }
            guard let own else {
                requests += try self.requests(of: script)
                continue
            }
            do throws(Diagnosis) {
                requests += try own.command.requests(of: script)
            } catch {
                throw own.configuration.named(error)
            }
        }
        let leverage = configuration.effective.first { $0.option.key == "leverage" }
        if leverage.map({ $0.origin.rank == 4 }) ?? true {
            try perpetual.checkNames(Set(requests.flatMap(\.symbols)))
        }
        return requests
    }

    /// What bounds the scripts.
    var scriptLimits: ScriptLimits {
        ScriptLimits(
            callMilliseconds: limits.milliseconds, memoryBytes: limits.mebibytes << 20)
    }

    /// The runs of one strategy.
    private func requests(of script: String) throws(Diagnosis) -> [RunRequest] {
        _ = try self.settings.settings()
        let detail = try self.settings.detailInterval()
        let leverages = try perpetual.leverages()
        _ = try perpetual.settings(nil)
        let ranges = try series.ranges()
        let workspace = try global.workspace()
        let given = try Self.overrides(param)
        let stored =
            try params.map { path throws(Diagnosis) in try ParameterFile.read(path, for: script) }
            ?? []
        let parameters =
            stored.filter { one in !given.contains { $0.0 == one.0 } } + given
        let portfolio = try series.of(script, scriptLimits).portfolio(workspace.store)
        if portfolio != nil, self.settings.instrument != nil {
            throw usage(
                "--instrument", "sets the rules of one symbol, not of several",
                hint: "lot data instruments sets those of each")
        }
        if portfolio == nil, self.settings.maxOpenPositions != nil {
            throw usage(
                "--max-open-positions", "is for one run over several symbols",
                hint: "name them with --symbols, or leave it out")
        }
        let addresses: [SeriesAddress]
        if let portfolio { addresses = portfolio } else { addresses = try series.addresses() }
        var requests: [RunRequest] = []
        for address in addresses {
            let stored = try workspace.store.instrumentRecord(address)
            var settings = try self.settings.settings(stored)
            settings.perpetual = try perpetual.settings(leverages[address.symbol])
            let instrument = try self.settings.instrument(
                over: stored?.instrument ?? Instrument(market: address.market))
            try perpetual.check(address, instrument, settings.perpetual)
            for range in ranges {
                requests.append(
                    RunRequest(
                        workspace: workspace, script: script, parameters: parameters,
                        address: address, range: range, settings: settings,
                        instrument: instrument, limits: scriptLimits, detail: detail))
            }
        }
        guard portfolio != nil else { return requests }
        return ranges.map { range in
            RunRequest(portfolio: requests.filter { $0.range == range })
        }
    }

    private static func overrides(_ texts: [String]) throws(Diagnosis) -> [(String, String)] {
        var result: [(String, String)] = []
        for text in texts {
            let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, !parts[0].isEmpty else {
                throw usage(
                    "--param", "\"\(escaped(text))\" is not name=value",
                    hint: "for example --param fast=10")
            }
            let name = String(parts[0])
            if result.contains(where: { $0.0 == name }) {
                throw usage("--param", "\"\(escaped(name))\" given twice", hint: "keep one")
            }
            result.append((name, String(parts[1])))
        }
        return result
    }
}
