import LotCore
import LotTestSupport
import Testing

@testable import LotReport

@Suite struct ResultFileTests {
    let result = SyntheticRun.result(bars: 400)

    /// A stand-in for SHA-256: FNV-1a, 16 digits repeated.
    @Sendable private static func hash(_ bytes: [UInt8]) -> String {
        let sum = bytes.reduce(0xcbf2_9ce4_8422_2325 as UInt64) {
            ($0 ^ UInt64($1)) &* 0x100_0000_01b3
        }
        let digits = String(sum, radix: 16)
        return String(
            repeating: String(repeating: "0", count: 16 - digits.count) + digits, count: 4)
    }

    private func folder(_ result: RunResult) -> RunFolder {
        RunFolder.render(result, gnuplot: nil, hash: Self.hash)
    }

    @Test func `result.json starts with its schema and has every metric by key`() {
        let text = String(decoding: ResultJSON.render(result), as: UTF8.self)
        #expect(text.hasPrefix("{\n  \"schema\": \"lot.result/1\",\n"))
        #expect(text.hasSuffix("}\n"))
        for metric in result.metrics { #expect(text.contains("\n    \"\(metric.key)\": ")) }
        #expect(text.contains("\"calmar\": null"))
    }

    @Test func `the same result gives the same bytes`() {
        let first = folder(result)
        let second = folder(SyntheticRun.result(bars: 400))
        #expect(first.files.map(\.bytes) == second.files.map(\.bytes))
        #expect(first.name == second.name)
    }

    @Test func `no file tells where the script was`() {
        var moved = result
        moved.strategy.file = "/home/someone/secret/sma_cross.lua"
        moved.strategy.hashes = [
            "/home/someone/secret/sma_cross.lua": String(repeating: "5c", count: 32)
        ]
        #expect(folder(moved).files.map(\.bytes) == folder(result).files.map(\.bytes))
    }

    @Test func `the identity changes with every input and not with the outcome`() {
        let id = Manifest(result, hash: Self.hash).id
        var other = result
        other.metrics = []
        other.trades = []
        #expect(Manifest(other, hash: Self.hash).id == id)
        other.settings.seed += 1
        #expect(Manifest(other, hash: Self.hash).id != id)
        other = result
        other.strategy.parameters[0].value = .int(21)
        #expect(Manifest(other, hash: Self.hash).id != id)
        other = result
        other.data.digest = "b2"
        #expect(Manifest(other, hash: Self.hash).id != id)
        other = result
        other.instrument.minNotional = 10
        #expect(Manifest(other, hash: Self.hash).id != id)
    }

    @Test func `the manifest holds the hash of each file written before it`() throws {
        let run = folder(result)
        #expect(
            run.files.map(\.name) == [
                "result.json", "trades.csv", "orders.csv", "equity.csv", "breakdown.csv",
                "summary.txt",
                "report.html", "manifest.json",
            ])
        let manifest = String(decoding: try #require(run.files.last).bytes, as: UTF8.self)
        for file in run.files.prefix(6) {
            #expect(manifest.contains("\"\(file.name)\": \"\(Self.hash(file.bytes))\""))
        }
    }

    @Test func `without a report nothing is drawn, and the other files are the same`() {
        let plain = RunFolder.render(result, report: false, gnuplot: nil, hash: Self.hash)
        let full = folder(result)
        #expect(plain.bytes(of: "report.html") == nil && plain.warning == nil)
        #expect(full.bytes(of: "report.html") != nil && full.warning != nil)
        for file in plain.files { #expect(full.bytes(of: file.name) == file.bytes) }
        #expect(plain.files.count == full.files.count - 1)
    }

    @Test(arguments: [
        ("sma_cross", "sma_cross"), ("../../etc/passwd", "______etc_passwd"), ("", "strategy"),
        ("a b\u{1B}[31m", "a_b__31m"), ("é<script>", "__script_"),
    ])
    func `a folder's name holds nothing but letters, digits and dashes`(name: String, start: String)
    {
        var named = result
        named.strategy.name = name
        let folder = Manifest(named, hash: Self.hash).folderName
        #expect(folder.hasPrefix(start + "-GENUSDT-1h-"))
        #expect(folder.split(separator: "-").last?.count == 8)
    }

    @Test func `the seed survives a reader that knows only doubles`() {
        var seeded = result
        seeded.settings.seed = .max
        let text = String(decoding: ResultJSON.render(seeded), as: UTF8.self)
        #expect(text.contains("\"seed\": \"18446744073709551615\""))
    }
}
