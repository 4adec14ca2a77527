import Foundation
import LotCore
import LotData
import LotEngine
import LotMath

/// What a child process used.
struct ChildUse {
    var processorSeconds: Double
    var peakMebibytes: Double
}

/// Starts a program with its output thrown away; `nil` if it cannot.
func startChild(_ arguments: [String]) -> pid_t? {
    var actions = posix_spawn_file_actions_t()
    unsafe posix_spawn_file_actions_init(&actions)
    defer { unsafe posix_spawn_file_actions_destroy(&actions) }
    unsafe posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0)
    var words: [UnsafeMutablePointer<CChar>?] = unsafe arguments.map { unsafe strdup($0) } + [nil]
    defer { for index in words.indices { unsafe free(words[index]) } }
    var child: pid_t = 0
    guard unsafe posix_spawn(&child, arguments[0], &actions, nil, &words, environ) == 0 else {
        return nil
    }
    return child
}

/// Runs a program with its output thrown away and says what it used; `nil` if it failed.
func childUse(_ arguments: [String]) -> ChildUse? { startChild(arguments).flatMap(waitForChild) }

/// Waits for a program that was started, and says what it used; `nil` if it failed.
func waitForChild(_ child: pid_t) -> ChildUse? {
    var (status, usage) = (Int32(0), rusage())
    guard unsafe wait4(child, &status, 0, &usage) == child, status == 0 else { return nil }
    func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
    return ChildUse(
        processorSeconds: seconds(usage.ru_utime) + seconds(usage.ru_stime),
        peakMebibytes: Double(usage.ru_maxrss) / 1_024)
}

extension Bench {
    static let rulesScript = """
        local S = lot.strategy { name = "bench" }
        function S:rules(ctx)
          local fast, slow = ta.sma(ctx.close, 20), ta.sma(ctx.close, 100)
          return { enter_long = fast:crosses_above(slow), exit_long = fast:crosses_below(slow) }
        end
        return S
        """

    /// One run of the rules SMA cross by the command, from its start to its end, every file
    /// written, no report: processor time of the process, user and system.
    static func wholeRun(_ folder: String) throws {
        let name = "one run: lot backtest, rules, every file written"
        let binary = FileManager.default.currentDirectoryPath + "/.build/release/lot"
        guard FileManager.default.isExecutableFile(atPath: binary) else {
            return report(name, "not built: make build")
        }
        try rulesScript.write(toFile: folder + "/rules.lua", atomically: true, encoding: .utf8)
        var uses: [ChildUse] = []
        for _ in 0..<15 {
            // The shell becomes the command: its own millisecond or so counts too. The run lands
            // in a database of its own, as every run does.
            let line =
                "cd '\(folder)' && LOT_STATE='\(folder)/state' exec '\(binary)' backtest rules.lua "
                + "--data "
            guard let use = childUse(["/bin/sh", "-c", line + "test:BENCHUSDT:1m"]) else {
                return report(name, "failed")
            }
            uses.append(use)
        }
        let times = uses.map(\.processorSeconds).sorted()
        let peak = uses.map(\.peakMebibytes).max() ?? 0
        let mapped = Double(rows * 48) / 1_048_576
        report(
            name,
            short(times[0] * 1e3) + " ms of processor time (median \(short(times[7] * 1e3)))")
        report(
            "its memory beyond the mapped columns",
            short(peak - mapped) + " MiB (peak \(short(peak)), mapped \(short(mapped)))")
    }

    /// Peak memory of sweeps in processes of their own, which ``memoryChild(_:_:)`` runs.
    static func sweepMemory(_ folder: String) {
        var peaks: [String] = []
        for (sets, share) in [(100, 10), (10_000, 10), (100, 1), (1_000, 1), (10_000, 1)] {
            let words = [CommandLine.arguments[0], "sweep-memory", folder, "\(sets)", "\(share)"]
            guard let use = childUse(words) else { return report("sweep memory", "failed") }
            let mapped = Double(rows / share * 48) / 1_048_576
            peaks.append(
                "\(sets) sets x \(rows / share) bars: \(short(use.peakMebibytes - mapped))")
        }
        report(
            "memory of sweeps on 2 threads beyond the columns",
            "MiB: " + peaks.joined(separator: ", "))
    }

    /// Symbols and hours of the portfolio whose memory is measured: 50 over four years.
    static let portfolio = (symbols: 50, rows: 35_064)

    /// Peak memory of runs of ``portfolio`` by the command, SMA cross as rules and as events, with
    /// all files.
    static func portfolioMemory(_ folder: String) throws {
        let name = "memory of 50 symbols x 35,064 hours beyond the columns, rules and events"
        let binary = FileManager.default.currentDirectoryPath + "/.build/release/lot"
        guard FileManager.default.isExecutableFile(atPath: binary) else {
            return report(name, "not built: make build")
        }
        guard childUse([CommandLine.arguments[0], "generate-portfolio", folder]) != nil else {
            return report(name, "failed")
        }
        let mapped = Double(portfolio.symbols * portfolio.rows * 48) / 1_048_576
        var peaks: [String] = []
        for (file, text) in [("rules.lua", rulesScript), ("events.lua", BenchScripts.smaCross)] {
            try text.write(toFile: folder + "/" + file, atomically: true, encoding: .utf8)
            let line =
                "cd '\(folder)' && LOT_STATE='\(folder)/state' exec '\(binary)' backtest "
                + "\(file) --symbols 'HOUR*' "
                + "--exchange test -i 1h"
            guard let use = childUse(["/bin/sh", "-c", line]) else { return report(name, "failed") }
            peaks.append(short(use.peakMebibytes - mapped))
        }
        report(name, peaks.joined(separator: ", ") + " MiB (mapped \(short(mapped)))")
    }

    /// Generates the series of ``portfolio``.
    static func generatePortfolio(_ folder: String) throws {
        for index in 1...portfolio.symbols {
            let number = String(repeating: "0", count: index < 10 ? 1 : 0) + String(index)
            let address = try SeriesAddress(parsing: "test:HOUR\(number)USDT:1h")
            try Workspace(root: folder).store.generate(
                address, rows: portfolio.rows, seed: UInt64(index))
        }
    }

    /// The process that ``sweepMemory(_:)`` measures: the numbers of sets, and which part of the
    /// series.
    static func memoryChild(_ folder: String, sets: Int, share: Int, threads: Int) throws {
        let address = try SeriesAddress(parsing: "test:BENCHUSDT:1m")
        let all = try Workspace(root: folder).store.open(address).bars
        let bars = all.slice(0..<(all.count / share))
        let sweep = CrossSweep.twenty(slow: sets / 20)
        let findings = sweep.run(bars, threads: threads)
        guard findings.count == sets else { throw BenchFailure(reason: "sweep") }
    }
}
