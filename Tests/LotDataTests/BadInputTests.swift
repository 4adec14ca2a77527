import Foundation
import LotCore
import Testing

@testable import LotData

/// Every kind of bad input of the design's table: the message, the exit code, and nothing changed
/// on disk.
@Suite struct BadInputTests {
    /// A file and the end of the message it must give, after the file's name.
    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        var bytes: [UInt8]
        var message: String
        var code = ExitCode.data
        var columns: String?
        var testDescription: String { message }

        init(_ name: String, _ bytes: [UInt8], _ message: String) {
            self.name = name
            self.bytes = bytes
            self.message = message
        }

        /// A CSV with the usual header.
        init(csv rows: String, _ message: String) {
            self.init("x.csv", Array("time,open,high,low,close,volume\n\(rows)".utf8), message)
        }

        init(text: String, _ message: String, columns: String? = nil, code: ExitCode = .data) {
            self.init("x.csv", Array(text.utf8), message)
            self.columns = columns
            self.code = code
        }

        init(zip entries: [ZipBuilder.Entry], _ message: String) {
            self.init("a.zip", ZipBuilder.bytes(entries), message)
        }
    }

    /// Imports the case's file into a store with a series and checks all three promises.
    func check(_ input: Case) throws {
        let folder = try TemporaryFolder()
        try folder.store.put(sampleTable(0..<10))
        let path = try folder.write(input.name, input.bytes)
        let before = try treeDigest(folder.path)
        let options = ImportOptions(columns: input.columns)
        let found = diagnosis {
            _ = try Importer(store: folder.store, options: options).run([path], as: hourly)
        }
        let subject = input.code == .usage ? "--columns" : escaped(path, limit: 1_024)
        #expect(found?.message == subject + ": " + input.message)
        #expect(found?.code == input.code)
        #expect(try treeDigest(folder.path) == before)
    }

    static let number = "is not a decimal number (digits and one point)"
    static let rows: [Case] =
        [
            "1e400", "nan", "inf", "0x1p3", "+5", " 5", "5 ", "12abc", "١٢", "-5", "1.", ".5",
            "1.2.3",
        ]
        .map {
            Case(
                csv: "1704067200,1,3,0.5,2,9\n1704070800,1,3,0.5,\($0),9\n",
                "line 3, column \"close\": \"\($0)\" \(number)")
        }

    @Test(arguments: rows) func `numbers of any other form are refused`(_ input: Case) throws {
        try check(input)
    }

    static let first = "1704067200,1,3,0.5,2,9\n"
    static let csv: [Case] = [
        Case(
            csv: "1704067200,1,3,0.5,\"1,234.5\",9\n",
            "line 2, column \"close\": \"1,234.5\" \(number)"),
        Case(csv: "1704067200,1,3,0.5,1,234.5,9\n", "line 2: 7 fields, expected 6"),
        Case(csv: "1704067200,1,3,0.5,,9\n", "line 2, column \"close\": empty"),
        Case(
            csv: "1704067200,1,3,0.5,2,9,\n",
            "line 2: 7 fields, expected 6 (a comma at the end?)"),
        Case(csv: "1704067200,1,3,0.5,2\n", "line 2: 5 fields, expected 6"),
        Case(
            csv: first + "1704070800000,1,3,0.5,2,9\n",
            "line 3: time in ms, earlier lines in s; split the file where the unit changes"),
        Case(
            csv: "1704067200000,1,3,0.5,2,9\n1704070800000000,1,3,0.5,2,9\n",
            "line 3: time in µs, earlier lines in ms; split the file where the unit changes"),
        Case(
            csv: first + "1704067200,1,3,0.5,2.5,9\n",
            "line 3: repeats 2024-01-01T00:00Z with other values"),
        Case(
            csv: first + "1704063600,1,3,0.5,2,9\n",
            "line 3: time 2023-12-31T23:00Z is before the line above; "
                + "sort the file by time, oldest first"),
        Case(
            csv: "1704067200001,1,3,0.5,2,9\n",
            "line 2: open time 1,704,067,200,001 not a multiple of 3,600,000; "
                + "is the interval of --as right?"),
        Case(
            csv: "1704067200000001,1,3,0.5,2,9\n",
            "line 2: open time 1,704,067,200,000,001 µs not a multiple of 3,600,000,000"),
        Case(
            csv: "999999999,1,3,0.5,2,9\n",
            "line 2: time 999999999 is not between 2009 and 2100 in s, ms or µs"),
        Case(
            csv: "9223372036854775807,1,3,0.5,2,9\n",
            "line 2, column \"time\": \"9223372036854775807\" is not a time (epoch in s, ms or µs, "
                + "or UTC such as 2024-01-31T09:05:00Z)"),
        Case(
            csv: "2024-02-30,1,3,0.5,2,9\n",
            "line 2, column \"time\": \"2024-02-30\" is not a time (epoch in s, ms or µs, "
                + "or UTC such as 2024-01-31T09:05:00Z)"),
        Case(
            csv: "2824-01-01,1,3,0.5,2,9\n",
            "line 2: open time 26,949,628,800,000 is not between 2009 and 2100; "
                + "is the interval of --as right?"),
        Case(csv: "1704067200,1,0.4,0.5,2,9\n", "line 2: high 0.4 < low 0.5"),
        Case(csv: "1704067200,1,3,0.5,3.5,9\n", "line 2: close 3.5 > high 3.0"),
        Case(csv: "1704067200,0.4,3,0.5,2,9\n", "line 2: open 0.4 < low 0.5"),
        Case(csv: "1704067200,1,3,0,2,9\n", "line 2: low 0.0 is not above 0"),
        Case(csv: "1704067200,\"1,3,0.5,2,9\n", "line 2: a quoted field does not end"),
        Case(csv: "1704067200,\"1\"2,3,0.5,2,9\n", "line 2: text after a closing quote"),
        Case(csv: "1704067200,1\"2,3,0.5,2,9\n", "line 2: a quote inside an unquoted field"),
        Case(csv: "\n\(first)", "line 2: empty line"),
        Case(csv: "1704067200,1,3\0,0.5,2,9\n", "line 2: holds a NUL byte; refused"),
        Case(csv: "", "no rows"),
        Case(
            csv: (0..<3).map { "\(1_704_067_200 + $0 * 7_200),1,3,0.5,2,9\n" }.joined(),
            "bars are 2h apart, --as says 1h; give the file's own interval"),
        Case(
            csv: first + String(repeating: "1", count: 1 << 20) + "1",
            "line 3: longer than 1 MiB"),
        Case(
            text: "time,open,high,low,vol\n\(first)",
            "line 1: no column \"close\"; columns: time,open,high,low,vol; "
                + "map with --columns close=NAME"),
        Case(
            text: "time,date,open,high,low,close\n",
            "line 1: more than one column could be \"time\": time, date; "
                + "choose with --columns time=NAME"),
        Case(
            text: "time;open;high;low;close\n",
            "line 1: fields are separated by \";\", not commas; save the file with commas"),
        Case(
            text: "time\topen\thigh\tlow\tclose\n",
            "line 1: fields are separated by tabs, not commas; save the file with commas"),
        Case(
            text: first,
            "line 1: no header line, and 6 fields instead of the 12 of an archive; "
                + "name the columns in a first line: time,open,high,low,close,volume"),
        Case(
            text: archiveText(0..<2) + archiveText(2..<3, unit: 1_000),
            "line 3: time in µs, earlier lines in ms; split the file where the unit changes"),
        Case(
            text: String(archiveText(0..<2).dropLast(60)),
            "line 2: 6 fields, expected 12"),
        Case(text: "", "the file is empty"),
        Case(
            text: "ts,open,high,low,close\n",
            "line 1: no column \"t\"; columns: "
                + "ts,open,high,low,close; correct --columns", columns: "time=t"),
        Case(
            text: "ts,open,high,low,close\n",
            "\"tine=t\" is not column=NAME; for example --columns time=ts,volume=vol",
            columns: "tine=t", code: .usage),
        Case("x.csv", [0xff, 0xfe, 0x74, 0], "holds a NUL byte; refused"),
    ]

    @Test(arguments: csv) func `a bad CSV is refused and changes nothing`(_ input: Case) throws {
        var input = input
        if input.bytes.starts(with: [0xff, 0xfe]) { input.message = "line 1: " + input.message }
        try check(input)
    }

    static let good = archiveText(0..<3)
    static func entry(
        _ name: String = "BTCUSDT-1h-2024-01.csv", _ text: String = good,
        _ change: (inout ZipBuilder.Entry) -> Void = { _ in }
    ) -> ZipBuilder.Entry {
        var entry = ZipBuilder.Entry(name, text)
        change(&entry)
        return entry
    }
    // The bomb: 400,000 bytes from 406 packed, 30 + 5 and 46 + 5 of headers with the name, and 22
    // at the end make 514: a ratio of 778.
    static let zips: [Case] = [
        Case(zip: [], "holds 0 entries, expected one CSV file"),
        Case(
            zip: [entry("a.csv"), entry("b.csv")], "holds 2 entries, expected one CSV file"),
        Case(zip: [entry("../../x.csv")], "entry \"../../x.csv\" leaves the folder; refused"),
        Case(zip: [entry("..\\x.csv")], "entry \"..\\x.csv\" leaves the folder; refused"),
        Case(zip: [entry("/etc/x.csv")], "entry \"/etc/x.csv\" has an absolute path; refused"),
        Case(
            zip: [entry("sub/x.csv")],
            "entry \"sub/x.csv\" is not named like a CSV file; refused"),
        Case(zip: [entry("x.exe")], "entry \"x.exe\" is not named like a CSV file; refused"),
        Case(
            zip: [entry("x.csv") { $0.mode = 0o120777 }],
            "entry \"x.csv\" is a symbolic link; refused"),
        Case(
            zip: [entry("x.csv") { $0.mode = 0o040755 }],
            "entry \"x.csv\" is not a regular file; refused"),
        Case(zip: [entry { $0.flags = 1 }], "the entry is encrypted; refused"),
        Case(
            zip: [ZipBuilder.Entry(bomb: "x.csv")],
            "grows past 200 times its size (ratio 778); refused"),
        Case(
            zip: [entry { $0.crc ^= 1 }],
            "damaged entry \"BTCUSDT-1h-2024-01.csv\" (check sum or length differs); "
                + "download it again"),
        Case(
            zip: [entry("ETHUSDT-1h-2024-01.csv")],
            "holds ETHUSDT 1h, --as says binance:BTCUSDT:1h; import it as binance:ETHUSDT:1h"),
        Case(
            zip: [entry("BTCUSDT-5m-2024-01.csv")],
            "holds BTCUSDT 5m, --as says binance:BTCUSDT:1h; import it as binance:BTCUSDT:5m"),
        Case(
            "a.zip", Array(ZipBuilder.bytes([entry()]).dropLast(30)),
            "not a sound zip archive (Not a zip archive); download it again"),
    ]

    @Test(arguments: zips) func `a bad zip is refused and changes nothing`(_ input: Case) throws {
        try check(input)
    }

    static let json: [Case] = [
        Case(
            text: "[[1704067200000,1,3,0.5,NaN,9]]",
            "byte 24: expected a value, found \"NaN,9]]\""),
        Case(text: "[[1704067200000,1,3,0.5,1e400,9]]", "row 1, \"close\": \"1e400\" \(number)"),
        Case(text: "[[1704067200000,1,3,0.5,-2,9]]", "row 1: close -2.0 is not above 0"),
        Case(
            text: "[[1,2,3]]",
            "row 1: 3 values, expected 6 (time, open, high, low, close, volume) or Binance's 12"),
        Case(
            text: "[[1704067200000,1,3,0.5,2,9]",
            "byte 28: expected \",\" or \"]\", found the end of the file"),
        Case(
            text: "[[1704067200000,1,3,0.5,2,9]] []",
            "byte 30: text after the end of the document, found \"[]\""),
        Case(text: "[]", "no rows"),
    ]

    @Test(arguments: json) func `bad JSON is refused and changes nothing`(_ input: Case) throws {
        try check(input)
    }

    @Test func `a wrong check sum is refused before anything is read`() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write("a.zip", ZipBuilder.bytes([BadInputTests.entry()]))
        _ = try folder.write("a.zip.CHECKSUM", String(repeating: "9f", count: 32) + "  a.zip\n")
        let found = diagnosis { _ = try Importer(store: folder.store).run([path], as: hourly) }
        let sum = sha256Hex(ZipBuilder.bytes([BadInputTests.entry()])).prefix(8)
        #expect(
            found?.reason == "sha256 \(sum)…, .CHECKSUM says 9f9f9f9f…")
        #expect(found?.code == .data)
    }

    @Test func `randomly changed files are refused or make sound rows, and never crash`() throws {
        let folder = try TemporaryFolder()
        let importer = Importer(store: folder.store)
        let json = "[[1704067200000,\"1.5\",3,0.5,2e0,9],[1704070800000,2,3,1,2.5,0.0]]"
        let header = "time,open,high,low,close,volume\n2024-01-01,\"1\",3,0.5,2,9\n"
        let seeds = [
            Array(BadInputTests.good.utf8), Array(header.utf8), Array(json.utf8),
            ZipBuilder.bytes([BadInputTests.entry()]),
            ZipBuilder.bytes([ZipBuilder.Entry(bomb: "x.csv")]),
        ]
        var random = Xoshiro256(seed: 99)
        var refused = 0
        for round in 0..<2_000 {
            var bytes = seeds[round % seeds.count]
            for _ in 0...(random.next() % 4) {
                let at = Int(random.next() % UInt64(bytes.count))
                switch random.next() % 4 {
                case 0: bytes[at] ^= UInt8(1 << (random.next() % 8))
                case 1: bytes[at] = UInt8(truncatingIfNeeded: random.next())
                case 2: bytes.insert(contentsOf: bytes[at..<min(at + 9, bytes.count)], at: at)
                default: bytes.removeSubrange(at..<min(at + 5, bytes.count - 1))
                }
            }
            let path = try folder.write("x", bytes)
            let found = diagnosis {
                let table = try importer.parse(path, as: hourly)
                #expect(table.firstProblem(.bars(hourly.interval)) == nil)
            }
            if let found {
                refused += 1
                #expect(found.code == .data && !found.message.contains("\n"))
            }
        }
        #expect(refused > 1_000)
    }

    @Test func `a folder, a FIFO and a missing file are no input`() throws {
        let folder = try TemporaryFolder()
        let fifo = folder.path + "/pipe.csv"
        #expect(unsafe mkfifo(fifo, 0o600) == 0)
        for (path, code, reason) in [
            (folder.path, ExitCode.data, "opening failed: not a regular file"),
            (fifo, .data, "opening failed: not a regular file"),
            (folder.path + "/none.csv", .noInput, "opening failed: no such file or folder"),
        ] {
            let found = diagnosis {
                _ = try Importer(store: folder.store).run([path], as: hourly)
            }
            #expect(found?.code == code)
            #expect(found?.reason == reason)
        }
    }
}
