import LotCore

/// Says on standard error how far a job is: a line with a bar on a terminal, elsewhere a remark
/// when something has changed, once a minute at most.
struct SlurmLine {
    private let job: Int
    private let total: Int
    private let console: Console
    private let isDrawn: Bool
    private let start = ProgressBar.seconds()
    /// Trials that were there when it began.
    private let base: Int
    private var isShown = false
    private var last = ""
    private var said = 0.0

    init(_ job: Int, total: Int, done: Int, _ console: Console) {
        self.job = job
        self.total = total
        self.console = console
        base = done
        isDrawn = Console.showsProgress && !console.isQuiet
    }

    /// Seconds since it began.
    var age: Double { ProgressBar.seconds() - start }

    mutating func show(_ done: Int, _ tasks: SlurmTasks) {
        let text = SlurmLine.text(
            "job \(job)", done, of: total, tasks, rate: Double(done - base) / max(age, 1))
        if isDrawn {
            isShown = true
            let filled = Int(min(1, Double(done) / Double(max(1, total))) * 20)
            let bar =
                String(repeating: "█", count: filled) + String(repeating: "░", count: 20 - filled)
            Console.put("\r\(bar) \(text)\u{1B}[K", 2)
        } else if text != last, age - said > 60 {
            (last, said) = (text, age)
            console.note(text)
        }
    }

    /// `job 12  600 of 1,000  2 running, 3 pending (Resources)  40 s left`.
    static func text(
        _ job: String, _ done: Int, of total: Int, _ tasks: SlurmTasks, rate: Double
    ) -> String {
        var parts = ["\(tasks.running) running"]
        if tasks.pending > 0 {
            let reason = tasks.waitingFor.map { " (\(escaped($0)))" } ?? ""
            parts.append("\(tasks.pending) pending" + reason)
        }
        if tasks.failed > 0 { parts.append("\(tasks.failed) failed") }
        let left = max(0, total - done)
        let time = rate > 0 && left > 0 ? "  \(durationText(Double(left) / rate)) left" : ""
        return "\(job)  \(grouped(min(done, total))) of \(grouped(total))  "
            + parts.joined(separator: ", ") + time
    }

    mutating func finish() {
        if isShown { Console.put("\r\u{1B}[K", 2) }
        isShown = false
    }
}
