import Foundation
import Testing

/// Files whose import must be refused, and what the refusal says.
struct BadFile: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let name: String
    let files: [(name: String, bytes: [UInt8])]
    let fragments: [String]

    /// A CSV file of ten good rows that follow the stored ones, edited.
    init(_ test: String, says fragments: String..., edit: (inout [String]) -> Void) {
        var lines = SampleSeries.lines(2_000..<2_010)
        edit(&lines)
        self.init(
            test, "x.csv", [("x.csv", Array((lines.joined(separator: "\n") + "\n").utf8))],
            says: fragments)
    }

    init(
        _ test: String, _ name: String, _ files: [(name: String, bytes: [UInt8])],
        says fragments: [String]
    ) {
        testDescription = test
        self.name = name
        self.files = files
        self.fragments = fragments
    }
}

/// Replaces one field of one line: column 4 is the close.
private func set(_ lines: inout [String], line: Int, column: Int, to text: String) {
    var fields = lines[line - 1].split(separator: ",", omittingEmptySubsequences: false)
        .map(String.init)
    fields[column] = text
    lines[line - 1] = fields.joined(separator: ",")
}

private let goodRows = Array((SampleSeries.lines(2_000..<2_010).joined(separator: "\n")).utf8)

struct BadFileTests {
    static let numbers = ["1e400", "nan", "inf", "0x1p3", "١٢", "+5", " 5", "12abc", "", "-"].map {
        text in
        BadFile("\"\(text)\" as a price", says: "x.csv", "line 9", "close") {
            set(&$0, line: 9, column: 4, to: text)
        }
    }

    static let tables = [
        BadFile("high below low", says: "x.csv", "line 4", "high") {
            set(&$0, line: 4, column: 2, to: "1.0")
        },
        BadFile("a close above the high", says: "x.csv", "line 4") {
            set(&$0, line: 4, column: 4, to: "100000.0")
        },
        BadFile("a price of zero", says: "x.csv", "line 4") {
            set(&$0, line: 4, column: 3, to: "0")
        },
        BadFile("a negative volume", says: "x.csv", "line 4", "volume") {
            set(&$0, line: 4, column: 5, to: "-1")
        },
        BadFile("a time between the hours", says: "x.csv", "line 4") {
            set(&$0, line: 4, column: 0, to: "1711267200001")
        },
        BadFile("a time that is not a number", says: "x.csv", "line 4") {
            set(&$0, line: 4, column: 0, to: "soon")
        },
        BadFile("microseconds after milliseconds", says: "x.csv", "line 5") {
            let time = SampleSeries.start + 2_004 * SampleSeries.hour
            set(&$0, line: 5, column: 0, to: "\(time)000")
        },
        BadFile("rows out of order", says: "x.csv", "line 4") { $0.swapAt(2, 3) },
        BadFile("a row twice with other values", says: "x.csv", "line 5") {
            $0.insert($0[3], at: 4)
            set(&$0, line: 5, column: 5, to: "7")
        },
        BadFile("a row with too few columns", says: "x.csv", "line 4") {
            $0[3] = "1711267200000,1"
        },
        BadFile("a row with too many columns", says: "x.csv", "line 4") { $0[3] += ",1" },
        BadFile("semicolons", says: "x.csv", "line 1") {
            $0 = $0.map { $0.replacing(",", with: ";") }
        },
        BadFile("a NUL byte", says: "x.csv", "line 4") { $0[3] += "\0" },
        BadFile("a line of two megabytes", says: "x.csv", "line 4") {
            $0[3] = String(repeating: "1", count: 2 << 20)
        },
        BadFile("a header without the close", says: "x.csv", "line 1", "close") {
            $0.insert("open_time,open,high,low,vol", at: 0)
        },
        BadFile("other values than the stored ones", says: "--replace") {
            $0 = SampleSeries.lines(5..<6)
            set(&$0, line: 1, column: 5, to: "7")
        },
        BadFile("an empty file", "x.csv", [("x.csv", [])], says: ["x.csv"]),
        BadFile(
            "not text", "x.csv", [("x.csv", [0xff, 0xd8, 0xff, 0xe0, 0, 16])], says: ["x.csv"]),
    ]

    static let archives = [
        BadFile(
            "a zip that is none", "x.zip", [("x.zip", Array("PK\u{3}\u{4}garbage".utf8))],
            says: ["x.zip"]),
        BadFile("an empty zip file", "x.zip", [("x.zip", [])], says: ["x.zip"]),
        BadFile(
            "a cut zip", "x.zip",
            [("x.zip", Array(ZipBuilder.archive([("x.csv", goodRows)]).dropLast(40)))],
            says: ["x.zip"]),
        BadFile(
            "two entries", "x.zip",
            [("x.zip", ZipBuilder.archive([("x.csv", goodRows), ("y.csv", goodRows)]))],
            says: ["x.zip", "entr"]),
        BadFile(
            "no entry", "x.zip", [("x.zip", ZipBuilder.archive([]))], says: ["x.zip"]),
        BadFile(
            "an entry that leaves the folder", "x.zip",
            [("x.zip", ZipBuilder.archive([("../../x.csv", goodRows)]))],
            says: ["x.zip", "../../x.csv", "refused"]),
        BadFile(
            "an entry with an absolute path", "x.zip",
            [("x.zip", ZipBuilder.archive([("/tmp/x.csv", goodRows)]))],
            says: ["x.zip", "/tmp/x.csv"]),
        BadFile(
            "a checksum of other bytes", "x.zip",
            [
                ("x.zip", ZipBuilder.archive([("x.csv", goodRows)])),
                ("x.zip.CHECKSUM", Array((String(repeating: "0", count: 64) + "  x.zip\n").utf8)),
            ], says: ["x.zip", "sha256"]),
    ]

    @Test(arguments: numbers + tables + archives)
    func `a bad file is refused with 65, its place, and nothing changed`(bad: BadFile) throws {
        let box = try SampleSeries.box()
        for file in bad.files { try box.write(file.name, file.bytes) }
        let before = try box.tree()
        let outcome = try LotBinary.run(
            ["data", "import", bad.name, "--as", SampleSeries.address, "--home", "home"], in: box)
        expectRefusal(outcome, code: 65, fragments: bad.fragments)
        let changes = differences(before, try box.tree())
        #expect(changes.isEmpty, "\(changes)\n\(outcome.comment)")
    }

    @Test func `a zip bomb is refused before it is inflated whole`() throws {
        let box = try SampleSeries.box()
        // 16 MiB of one digit in about 16 KiB: a ratio near 1,000; the limit is 200, and one line
        // may have 1 MiB.
        let bomb = Package.tests.appending(path: "Golden/bomb.zip")
        try box.write("bomb.zip", try Data(contentsOf: bomb))
        let before = try box.tree()
        let outcome = try LotBinary.run(
            ["data", "import", "bomb.zip", "--as", SampleSeries.address, "--home", "home"],
            in: box)
        expectRefusal(outcome, code: 65, fragments: ["bomb.zip"])
        #expect(differences(before, try box.tree()).isEmpty, outcome.comment)
    }

    @Test func `a good file among bad ones is not imported either`() throws {
        let box = try SampleSeries.box()
        try box.write("good.csv", goodRows)
        try box.write("bad.csv", "1711274400000,1,2\n")
        let before = try box.tree()
        let outcome = try LotBinary.run(
            [
                "data", "import", "good.csv", "bad.csv", "--as", SampleSeries.address, "--home",
                "home",
            ], in: box)
        expectRefusal(outcome, code: 65, fragments: ["bad.csv", "line 1"])
        #expect(differences(before, try box.tree()).isEmpty, outcome.comment)
    }

    @Test func `a folder is not a file to import`() throws {
        let box = try SampleSeries.box()
        try box.write("folder/x.csv", goodRows)
        let outcome = try LotBinary.run(
            ["data", "import", "folder", "--as", SampleSeries.address, "--home", "home"], in: box)
        expectRefusal(outcome, code: 65, fragments: ["folder", "regular file"])
    }
}

/// What can be wrong with a stored column.
enum Damage: String, CaseIterable, Sendable {
    case flippedByte, truncatedColumn, tornHeader, wrongType, foreignEndianness, wrongMagic
    case missingColumn, garbledManifest, emptyManifest

    /// Does it to the close column (or the manifest) of the sample series in `box`.
    func apply(to box: Sandbox) throws {
        let folder = "home/datasets/test/spot/GENUSDT/1h/"
        let column = folder + "close.npy"
        let manifest = folder + "series.json"
        var bytes = Array(try Data(contentsOf: box.folder.appending(path: column)))
        switch self {
        case .flippedByte: bytes[4_096 + 8 * 1_000 + 3] ^= 0x10
        case .truncatedColumn: bytes.removeLast(8 * 500 + 3)
        case .tornHeader: bytes.removeLast(bytes.count - 50)
        case .wrongType: try replace(&bytes, "<f8", "<f4")
        case .foreignEndianness: try replace(&bytes, "<f8", ">f8")
        case .wrongMagic: bytes[1] = 0x58
        case .missingColumn:
            return try FileManager.default.removeItem(at: box.folder.appending(path: column))
        case .garbledManifest: return try box.write(manifest, "{\"rows\": [")
        case .emptyManifest: return try box.write(manifest, "")
        }
        try box.write(column, bytes)
    }

    /// The file that the message must name.
    var file: String {
        switch self {
        case .garbledManifest, .emptyManifest: "series.json"
        default: "close.npy"
        }
    }

    private func replace(_ bytes: inout [UInt8], _ old: String, _ new: String) throws {
        let (from, to) = (Array(old.utf8), Array(new.utf8))
        for start in 0..<200 where Array(bytes[start..<start + from.count]) == from {
            bytes.replaceSubrange(start..<start + from.count, with: to)
            return
        }
        throw HarnessError(description: "no \(old) in the header")
    }
}

struct DamagedSeriesTests {
    @Test(arguments: Damage.allCases)
    func `verify finds damage, names the file and repairs nothing`(damage: Damage) throws {
        let box = try SampleSeries.box()
        try damage.apply(to: box)
        let before = try box.tree()
        let outcome = try LotBinary.run(
            ["data", "verify", SampleSeries.address, "--home", "home"], in: box)
        #expect(outcome.code == 65, outcome.comment)
        #expect((outcome.out + outcome.err).contains(damage.file), outcome.comment)
        #expect(differences(before, try box.tree()).isEmpty, outcome.comment)
    }

    @Test(arguments: Damage.allCases.filter { $0 != .flippedByte })
    func `a backtest on a damaged series is 65, not a crash`(damage: Damage) throws {
        let box = try SampleSeries.box()
        try damage.apply(to: box)
        let before = try box.tree()
        let outcome = try LotBinary.run(SampleSeries.arguments(), in: box)
        expectRefusal(outcome, code: 65, fragments: [damage.file])
        #expect(differences(before, try box.tree()).isEmpty, outcome.comment)
    }

    @Test func `verify of a sound series is 0`() throws {
        let box = try SampleSeries.box()
        let outcome = try LotBinary.run(
            ["data", "verify", SampleSeries.address, "--home", "home"], in: box)
        #expect(outcome.code == 0, outcome.comment)
    }
}
