import Glibc
import LotCore

/// A progress bar with the time left, drawn on standard error while a run takes long.
///
/// It shows nothing in the first half second, so short runs stay silent.
struct ProgressBar {
    private let total: Int
    private let start: Double
    private var lastDrawn = 0.0
    private var isShown = false

    /// A bar for `total` steps that starts now.
    init(total: Int) {
        self.total = max(1, total)
        start = ProgressBar.seconds()
    }

    /// Draws the bar at `done` steps, at most ten times a second.
    mutating func update(_ done: Int) {
        let now = ProgressBar.seconds()
        let elapsed = now - start
        guard elapsed > 0.5, now - lastDrawn > 0.1, done > 0 else { return }
        lastDrawn = now
        isShown = true
        let fraction = min(1, Double(done) / Double(total))
        let filled = Int(fraction * 30)
        let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: 30 - filled)
        let left = Int((elapsed / fraction - elapsed).rounded(.up))
        let rate = Int(Double(done) / elapsed)
        Console.put(
            "\r\(bar) \(Int(fraction * 100)) %  \(grouped(rate)) bars/s  \(left) s left \u{1B}[K",
            STDERR_FILENO)
    }

    /// Wipes the bar.
    mutating func finish() {
        if isShown { Console.put("\r\u{1B}[K", STDERR_FILENO) }
        isShown = false
    }

    /// Seconds on a clock that only rises; for display, never for results.
    static func seconds() -> Double {
        var time = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
