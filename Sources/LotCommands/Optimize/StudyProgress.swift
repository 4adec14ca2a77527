import LotCore
import LotOptimize
import Synchronization

/// One line on standard error that says how far a study is: done, rate, time left, best so far.
///
/// Drawn on a terminal, at most ten times a second; nothing in the first half second.
final class StudyProgress: Sendable {
    private struct State {
        /// When the search began, and the line was last asked for.
        var start = ProgressBar.seconds()
        var latest = ProgressBar.seconds()
        var fold = -1
        var drawn = 0.0
        var isShown = false
    }

    private let isActive: Bool
    private let state = Mutex(State())

    init(_ console: Console) {
        isActive = Console.showsProgress && !console.isQuiet
    }

    /// Draws the line.
    func update(_ progress: SearchProgress) {
        guard isActive else { return }
        state.withLock { state in
            let now = ProgressBar.seconds()
            if progress.fold != state.fold {
                state.fold = progress.fold
                state.start = state.latest
            }
            state.latest = now
            let elapsed = now - state.start
            guard elapsed > 0.5, now - state.drawn > 0.1 else { return }
            state.drawn = now
            state.isShown = true
            Console.put(
                "\r" + StudyProgress.text(progress, elapsed) + "\u{1B}[K", 2)
        }
    }

    /// Wipes the line.
    func finish() {
        state.withLock { state in
            if state.isShown { Console.put("\r\u{1B}[K", 2) }
            state.isShown = false
        }
    }

    /// What the line says: rate and time left are those of this session.
    static func text(_ progress: SearchProgress, _ elapsed: Double) -> String {
        let rate = Double(progress.done - progress.earlier) / elapsed
        let fraction = Double(progress.done) / Double(max(1, progress.total))
        let filled = Int(min(1, fraction) * 20)
        let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: 20 - filled)
        let left = rate > 0 ? Double(progress.total - progress.done) / rate : 0
        let place = progress.fold == 0 ? "" : "fold \(progress.fold)  "
        let best = progress.best.map { "  best \(shortText($0))" } ?? ""
        return "\(bar) \(place)\(grouped(progress.done)) of \(grouped(progress.total))  "
            + "\(grouped(Int(rate.rounded())))/s  \(durationText(left)) left\(best)"
    }
}

/// A length of time as people say it: `8 s`, `3 min`, `2 h 5 min`.
func durationText(_ seconds: Double) -> String {
    let whole = Int(max(0, min(seconds, 1e9)).rounded(.up))
    if whole < 100 { return "\(whole) s" }
    if whole < 6_000 { return "\((whole + 30) / 60) min" }
    if whole < 200_000 { return "\(whole / 3_600) h \(whole % 3_600 / 60) min" }
    return "\(whole / 86_400) d"
}

/// A number with four digits that matter.
func shortText(_ value: Double) -> String {
    guard value.isFinite else { return "–" }
    let size = abs(value)
    if size >= 1e6 || (size < 1e-4 && size > 0) { return "\(Float(value))" }
    let digits = size >= 1_000 ? 0 : size >= 100 ? 1 : size >= 10 ? 2 : size >= 1 ? 3 : 4
    var scale = 1.0
    for _ in 0..<digits { scale *= 10 }
    return plainDecimal((value * scale).rounded() / scale)
}
