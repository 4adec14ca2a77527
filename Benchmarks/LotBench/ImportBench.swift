import Foundation
import LotCore
import LotData

extension Bench {
    /// Parses CSV text of the archive's layout and of a plain table: bytes of text a second.
    static func importRates(_ store: KlineStore, _ bars: Bars, _ folder: String) throws {
        var text = ""
        let count = 200_000
        for row in 0..<count {
            let bar = bars[row]
            let end = bar.openTime + 59_999
            text += "\(bar.openTime),\(fixed(bar.open)),\(fixed(bar.high)),\(fixed(bar.low)),"
            text += "\(fixed(bar.close)),\(fixed(bar.volume)),\(end),"
            text += "\(fixed(bar.volume * bar.close)),1234,\(fixed(bar.volume / 2)),"
            text += "\(fixed(bar.volume * bar.close / 2)),0\n"
        }
        let path = folder + "/BENCHUSDT-1m.csv"
        try write(text, to: path)
        let address = try SeriesAddress(parsing: "test:CSVUSDT:1m")
        let importer = Importer(store: store)
        var parsed = 0
        let seconds = median(runs: 3) {
            parsed = (try? importer.parse(path, as: .bars(address)).count) ?? 0
        }
        guard parsed == count else { throw BenchFailure(reason: "parse") }
        report(
            "import: parse and check CSV text",
            short(Double(text.utf8.count) / seconds / 1e6) + " MB/s")
    }

    /// A decimal with eight places, as the archive writes them.
    private static func fixed(_ value: Double) -> String {
        let scaled = Int64((value * 1e8).rounded())
        let digits = String(scaled % 100_000_000)
        return "\(scaled / 100_000_000)." + String(repeating: "0", count: 8 - digits.count) + digits
    }

    private static func write(_ text: String, to path: String) throws {
        guard let file = unsafe fopen(path, "w") else { throw BenchFailure(reason: path) }
        defer { unsafe fclose(file) }
        var text = text
        let count = text.withUTF8 { unsafe fwrite($0.baseAddress, 1, $0.count, file) }
        guard count == text.utf8.count else { throw BenchFailure(reason: path) }
    }

    /// Wall time from the start of `lot --help` to its end, with its output thrown away.
    static func startUp() {
        let binary = ".build/release/lot"
        guard FileManager.default.isExecutableFile(atPath: binary) else {
            return report("lot --help", "not built: make build")
        }
        var times: [Double] = []
        for _ in 0..<21 {
            let start = wallSeconds()
            guard helpExits(binary) else { return }
            times.append(wallSeconds() - start)
        }
        times.sort()
        report(
            "lot --help, whole process",
            short(times[10] * 1e3) + " ms (fastest \(short(times[0] * 1e3)))")
    }

    /// Runs `lot --help` with its output thrown away.
    private static func helpExits(_ binary: String) -> Bool {
        var actions = posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        unsafe posix_spawn_file_actions_addopen(
            &actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0)
        var arguments: [UnsafeMutablePointer<CChar>?] = unsafe [
            strdup(binary), strdup("--help"), nil,
        ]
        defer { for index in arguments.indices { unsafe free(arguments[index]) } }
        var child: pid_t = 0
        guard unsafe posix_spawn(&child, binary, &actions, nil, &arguments, environ) == 0 else {
            return false
        }
        var status: Int32 = 0
        return unsafe waitpid(child, &status, 0) == child && status == 0
    }
}
