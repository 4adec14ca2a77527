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

    /// Changes to a run that make it another run, by name.
    static let inputChanges: [(String, @Sendable (inout RunResult) -> Void)] = [
        ("engine", { $0.engineVersion += "x" }),
        ("strategy name", { $0.strategy.name += "x" }),
        ("script file", { $0.strategy.file = "other.lua" }),
        ("script bytes", { $0.strategy.hashes["sma_cross.lua"] = "00" }),
        ("required file", { $0.strategy.hashes["lib/signals.lua"] = "00" }),
        ("parameter value", { $0.strategy.parameters[0].value = .int(21) }),
        ("parameter name", { $0.strategy.parameters[0].name += "x" }),
        ("form", { $0.strategy.form += "x" }),
        (
            "series",
            { run in
                if let other = try? SeriesAddress(parsing: "test:OTHER:1h") {
                    run.data.address = other
                }
            }
        ),
        ("data digest", { $0.data.digest = "b2" }),
        ("first bar", { $0.data.firstTime += 1 }),
        ("last bar", { $0.data.lastTime += 1 }),
        ("bars", { $0.data.bars += 1 }),
        ("decision bars", { $0.data.decisionBars += 1 }),
        ("gaps", { $0.data.gaps.append(Gap(from: 1, to: 2, bars: 1)) }),
        ("market", { $0.instrument.market = .perp }),
        ("tick", { $0.instrument.tickSize = DecimalStep("0.5") }),
        ("lot", { $0.instrument.lotSize = DecimalStep("0.5") }),
        ("min quantity", { $0.instrument.minQuantity = 77 }),
        ("min notional", { $0.instrument.minNotional = 77 }),
        ("cash", { $0.settings.startingCash += 1 }),
        ("maker fee", { $0.settings.makerFee += 0.001 }),
        ("taker fee", { $0.settings.takerFee += 0.001 }),
        ("slippage", { $0.settings.slippage = .basisPoints(77) }),
        ("volume limit", { $0.settings.volumeLimit = nil }),
        ("gap policy", { $0.settings.gaps = .error }),
        ("fill on touch", { $0.settings.fillOnTouch.toggle() }),
        ("seed", { $0.settings.seed += 1 }),
        ("year", { $0.settings.daysPerYear = 252 }),
    ]

    @Test(arguments: inputChanges.indices) func `each input changes the identity`(index: Int) {
        let (name, change) = Self.inputChanges[index]
        var other = result
        change(&other)
        let (old, new) = (
            Manifest(result, hash: Self.hash).id, Manifest(other, hash: Self.hash).id
        )
        #expect(old != new, "\(name)")
        #expect(folder(result).name != folder(other).name, "\(name)")
    }

    @Test func `what came out, and where the script was, does not change the identity`() {
        var other = result
        other.metrics = []
        other.trades = []
        other.orders = []
        other.equity = []
        other.plots = []
        other.log = []
        other.warnings = ["w"]
        other.counters = RunCounters()
        other.strategy.file = "some/where/else/" + result.strategy.file
        #expect(Manifest(other, hash: Self.hash).id == Manifest(result, hash: Self.hash).id)
        #expect(Manifest(other.inputs, hash: Self.hash).id == Manifest(result, hash: Self.hash).id)
    }

    @Test func `the folder keeps the script and what it requires, with their folders`() {
        let run = RunFolder.render(
            result, sources: ["lib/signals.lua": [2], "s.lua": [1]], gnuplot: nil, hash: Self.hash)
        let kept = run.files.filter { $0.name.hasPrefix("strategy/") }
        #expect(kept.map(\.name) == ["strategy/lib/signals.lua", "strategy/s.lua"])
        #expect(kept.map(\.bytes) == [[2], [1]])
        #expect(run.files.last?.name == "manifest.json")
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
        let page = try #require(run.page)
        #expect(manifest.contains("\n  \"page\": \"\(Self.hash(page.bytes))\"\n"))
        #expect(run.files.dropLast().allSatisfy { RunFolder.fileNames.contains($0.name) })
    }

    @Test func `without a report nothing is drawn, and the other files are the same`() throws {
        let plain = RunFolder.render(result, report: false, gnuplot: nil, hash: Self.hash)
        let full = folder(result)
        #expect(plain.bytes(of: "report.html") == nil && plain.warning == nil)
        #expect(full.bytes(of: "report.html") != nil && full.warning != nil)
        for file in plain.files.dropLast() {
            #expect(full.bytes(of: file.name) == file.bytes, "\(file.name)")
        }
        #expect(plain.files.count == full.files.count - 1)
        #expect(plain.id == full.id)
        let manifest = String(decoding: try #require(plain.files.last).bytes, as: UTF8.self)
        #expect(!manifest.contains("\"page\""))
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
