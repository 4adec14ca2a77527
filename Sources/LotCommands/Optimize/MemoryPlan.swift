import LotCore
import LotEngine
import LotOptimize

/// How much memory a study takes, and how it is kept within what the user allows.
///
/// What decides no result gives way: the number of threads, and how many points are run between
/// two writes. The figures are measured ones, rounded up (`docs/optimize.md`, "Time and memory").
struct MemoryPlan: Sendable {
    /// The most that the process may take, in bytes; `nil` for as much as it likes.
    let limit: Int?
    /// Threads that work.
    let threads: Int
    /// Bytes before any point is run: the program, its libraries, the database.
    static let base = 56 << 20
    /// Bytes of the run that reports what was held back: its trades, orders and files.
    private static let report = 16 << 20
    /// Bytes of a thread: tiles of series, a script's state, buffers.
    static let thread = 32 << 20
    /// Columns of a bar that are mapped: time, prices, volume.
    private static let columns = 6
    /// Bytes of a bar's columns.
    private static let barBytes = 8 * MemoryPlan.columns

    /// Bytes that do not hang on bars, threads or trials.
    let program: Int
    /// Bars that are mapped, of all symbols and finer series.
    let bars: Int
    /// Trials whose block sums are compared once all is done.
    private let compared: Int
    /// Trials that a sampler remembers.
    private let remembered: Int
    /// Bytes that tell points that come again from new ones.
    private let distinct: Int

    /// Plans the memory of a study.
    ///
    /// - Parameters:
    ///   - limit: The most that it may take.
    ///   - jobs: Threads that were asked for.
    ///   - bars: Bars that are mapped.
    ///   - trials: Trials of the largest search.
    ///   - remembers: Whether its sampler keeps the points it has proposed.
    ///   - distinct: Bytes that tell points that come again from new ones.
    ///   - holdsBack: Whether data are held back, and reported as a run.
    /// - Throws: 64 where not even one thread fits, with what would.
    init(
        limit: Int?, jobs: Int, bars: Int, trials: Int, remembers: Bool,
        distinct: Int, holdsBack: Bool
    ) throws(Diagnosis) {
        self.limit = limit
        self.bars = bars
        compared = min(trials, 100_000)
        remembered = remembers ? trials : 0
        self.distinct = distinct
        program = MemoryPlan.base + (holdsBack ? MemoryPlan.report : 0)
        let fixed = program + MemoryPlan.fixed(bars, compared, remembered) + distinct
        guard let limit else {
            threads = jobs
            return
        }
        let fitting = (limit - fixed) / MemoryPlan.thread
        guard fitting >= 1 else {
            throw usage(
                "--max-memory",
                "\(sizeText(limit)) is too little: with one thread this study takes about "
                    + sizeText(fixed + MemoryPlan.thread),
                hint: "allow more, shorten the window with --window, or try fewer --trials")
        }
        threads = min(jobs, fitting)
    }

    private static func fixed(_ bars: Int, _ compared: Int, _ remembered: Int) -> Int {
        bars * barBytes + statistics(compared) + remembered * rememberedBytes
    }

    /// Bytes of a point that a sampler remembers.
    private static let rememberedBytes = 192

    /// Bytes of the statistics of luck: 32 sums a trial, and as much for their ranks.
    private static func statistics(_ trials: Int) -> Int { trials * 512 }

    /// Bytes of the mapped bars.
    var data: Int { bars * MemoryPlan.barBytes }
    /// Bytes of all threads.
    var working: Int { threads * MemoryPlan.thread }
    /// Bytes of what is kept of trials.
    var kept: Int {
        MemoryPlan.statistics(compared) + remembered * MemoryPlan.rememberedBytes + distinct
    }
    /// All of it.
    var total: Int { program + data + working + kept }

    /// What keeps batches within the limit, from now on; `nil` without one.
    var gauge: MemoryGauge? { limit.map { MemoryGauge(limit: $0) } }
}

/// Bounds how many points are run between two writes by what the process takes.
struct MemoryGauge: Sendable {
    private let limit: Double

    /// Points of the first batch.
    static let first = 64
    private static let range = 16...4_096

    init(limit: Int) { self.limit = Double(limit) }

    /// The most points of the next batch, after one of `size`: half as many above nine tenths of
    /// the limit, twice as many while less than four fifths were ever taken.
    func mostPoints(after size: Int) -> Int {
        var next = size
        if Double(ProcessMemory.resident) > 0.9 * limit {
            next = size / 2
        } else if Double(ProcessMemory.peak) < 0.8 * limit {
            next = size * 2
        }
        return min(MemoryGauge.range.upperBound, max(MemoryGauge.range.lowerBound, next))
    }
}

/// What this process takes of the machine's memory.
enum ProcessMemory {
    /// Bytes that are in memory now, mapped files among them; 0 where the system does not say.
    static var resident: Int { field("VmRSS:") }

    /// The most that was in memory at once.
    static var peak: Int { field("VmHWM:") }

    private static func field(_ name: String) -> Int {
        let text = InputFile.systemText("/proc/self/status")
        for line in text.split(separator: "\n") where line.hasPrefix(name) {
            let words = line.split(whereSeparator: { $0 == " " || $0 == "\t" })
            if words.count >= 2, let kibibytes = Int(words[1]) { return kibibytes << 10 }
        }
        return 0
    }
}

/// A size as people write it: `512M`, `2G`, `1.5G`, a number of bytes; powers of 1,024.
///
/// - Returns: Bytes, above 0; `nil` for what is no size.
func parseSize(_ text: String) -> Double? {
    let units: [(String, Double)] = [
        ("KiB", 0x1p10), ("MiB", 0x1p20), ("GiB", 0x1p30), ("TiB", 0x1p40), ("K", 0x1p10),
        ("M", 0x1p20), ("G", 0x1p30), ("T", 0x1p40),
    ]
    var (number, scale) = (text, 1.0)
    if let (unit, factor) = units.first(where: { text.hasSuffix($0.0) }) {
        number = String(text.dropLast(unit.count))
        scale = factor
    }
    guard let value = parseDecimal(number), value > 0 else { return nil }
    return value * scale
}

/// A number of bytes as people read it: `160 MiB`, `1.5 GiB`.
func sizeText(_ bytes: Int) -> String {
    let size = Double(bytes)
    if size < 0x1p20 { return "\(grouped((bytes + 1_023) / 1_024)) KiB" }
    if size < 0x1p30 { return "\(grouped((bytes + (1 << 20) - 1) >> 20)) MiB" }
    return decimals((size / 0x1p30 * 10).rounded(.up) / 10, 1) + " GiB"
}
