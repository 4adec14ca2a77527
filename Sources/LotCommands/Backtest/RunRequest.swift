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
    var range: TimeRange
    var settings: RunSettings
    var instrument: Instrument
    var limits: ScriptLimits
    /// A run of each symbol, for one over several; empty for one.
    var parts: [RunRequest] = []

    /// What distinguishes it from others, for people.
    var label: String {
        let file = script.split(separator: "/").last.map(String.init) ?? script
        let window = range == TimeRange() ? "" : " " + range.text
        return "\(escaped(file)) \(title)\(window)"
    }
}

extension BacktestCommand {
    /// The runs that the flags ask for: each strategy over each series, or over its symbols, over
    /// each window, in this order.
    func requests() throws(Diagnosis) -> [RunRequest] {
        var requests: [RunRequest] = []
        for (index, script) in strategies.enumerated() {
            guard !strategies[..<index].contains(script) else {
                throw usage("strategy", "\"\(escaped(script))\" given twice", hint: "keep one")
            }
            requests += try self.requests(of: script)
        }
        return requests
    }

    /// The runs of one strategy.
    private func requests(of script: String) throws(Diagnosis) -> [RunRequest] {
        let settings = try self.settings.settings()
        let ranges = try series.ranges()
        let workspace = try global.workspace()
        let parameters = try BacktestCommand.overrides(param)
        let scriptLimits = ScriptLimits(
            callMilliseconds: limits.milliseconds, memoryBytes: limits.mebibytes << 20)
        let portfolio = try series.of(script, scriptLimits).portfolio(workspace.store)
        if portfolio != nil, self.settings.instrument != nil {
            throw usage(
                "--instrument", "sets the rules of one symbol, not of several",
                hint: "lot data instruments sets those of each")
        }
        let addresses: [SeriesAddress]
        if let portfolio { addresses = portfolio } else { addresses = try series.addresses() }
        var requests: [RunRequest] = []
        for address in addresses {
            let stored = try workspace.store.instrument(address)
            let instrument = try self.settings.instrument(over: stored ?? Instrument())
            for range in ranges {
                requests.append(
                    RunRequest(
                        workspace: workspace, script: script, parameters: parameters,
                        address: address, range: range, settings: settings,
                        instrument: instrument, limits: scriptLimits))
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
