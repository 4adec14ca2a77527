import Glibc

/// Seconds of processor time this process has used.
func cpuSeconds() -> Double {
    var time = timespec()
    unsafe clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

/// Peak resident memory of this process in MiB.
func peakMebibytes() -> Double {
    var usage = rusage()
    unsafe getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    return Double(usage.ru_maxrss) / 1_024
}

/// Runs `body` `runs` times after one warm-up and returns the median of its processor seconds.
func median(runs: Int = 5, _ body: () -> Void) -> Double {
    body()
    var times: [Double] = []
    for _ in 0..<runs {
        let start = cpuSeconds()
        body()
        times.append(cpuSeconds() - start)
    }
    return times.sorted()[runs / 2]
}

/// Processor seconds of one call.
func processorSeconds(_ body: () -> Void) -> Double {
    let start = cpuSeconds()
    body()
    return cpuSeconds() - start
}

/// Prints one figure, aligned.
func report(_ name: String, _ value: String) {
    let padding = String(repeating: " ", count: max(1, 58 - name.count))
    print(name + padding + value)
}

/// A number with a few digits.
func short(_ value: Double) -> String {
    let digits = value < 10 ? 100.0 : value < 100 ? 10.0 : 1.0
    return "\((value * digits).rounded() / digits)"
}

/// Seconds on a clock that only rises.
func wallSeconds() -> Double {
    var time = timespec()
    unsafe clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}
