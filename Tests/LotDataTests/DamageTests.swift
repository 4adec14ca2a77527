import Foundation
import LotCore
import Testing

@testable import LotData

/// Damaged series on disk: named clearly, never a wrong bar, never a crash.
@Suite struct DamageTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var file: String
        var change: @Sendable (inout [UInt8]) -> Void
        var reason: String
        var testDescription: String { reason }
    }

    static func replace(_ old: String, _ new: String) -> @Sendable (inout [UInt8]) -> Void {
        { bytes in
            let text = String(decoding: bytes, as: UTF8.self)
            bytes = Array(text.replacingOccurrences(of: old, with: new).utf8)
        }
    }

    static func header(_ at: Int, _ text: String) -> @Sendable (inout [UInt8]) -> Void {
        { $0.replaceSubrange(at..<at + text.utf8.count, with: Array(text.utf8)) }
    }

    static let cases: [Case] = [
        Case(
            file: "close.npy", change: { $0 = Array($0.prefix(12)) },
            reason: "12 bytes, a column file has at least 4,096"),
        Case(
            file: "close.npy", change: { $0 = [] },
            reason: "0 bytes, a column file has at least 4,096"),
        Case(
            file: "close.npy", change: header(0, "PK\u{3}\u{4}"),
            reason: "not a .npy column (starts \"PK\\x03\\x04PY\\x01\\x00\")"),
        Case(
            file: "close.npy", change: { $0[6] = 2 },
            reason: "NumPy format 2.0, this lot reads 1.0"),
        Case(
            file: "close.npy", change: header(21, ">f8"),
            reason: "written big-endian, not supported"),
        Case(
            file: "close.npy", change: header(21, "<f4"),
            reason: "element type \"<f4\", expected \"<f8\""),
        Case(
            file: "close.npy", change: header(44, "True "), reason: "stored in Fortran order"),
        Case(
            file: "close.npy", change: { $0[200] = 1 },
            reason: "header damaged (not as lot writes it)"),
        Case(
            file: "close.npy", change: header(NpyHeader.shapeOffset + 18, "-1"),
            reason: "header damaged (shape \"                  -1\")"),
        Case(
            file: "close.npy", change: { $0.removeLast(8) },
            reason: "series.json says 30 rows, the file holds 29"),
        Case(
            file: "close.npy", change: { $0 = Array($0.prefix(4_096)) },
            reason: "series.json says 30 rows, the file holds 0"),
        Case(file: "series.json", change: { $0 = [] }, reason: "the file is empty"),
        Case(
            file: "series.json", change: { $0.removeLast(40) },
            reason: "expected the end of a string, found the end of the file"),
        Case(
            file: "series.json",
            change: replace("\"rows\": 30,\n  \"first", "\"rows\": 31,\n  \"first"),
            reason: "changed since it was written (check sum differs)"),
        Case(
            file: "series.json", change: replace("\"version\": 1", "\"version\": 3"),
            reason: "format 3, this lot reads 1"),
        Case(
            file: "series.json",
            change: replace("\"version\": 1,", "\"version\": 1, \"version\": 1,"),
            reason: "\"version\" set twice"),
        Case(
            file: "series.json", change: { $0 = Array("[]".utf8) },
            reason: "not the description of a series (no \"format\": \"lot-series\")"),
    ]

    @Test(arguments: cases) func `a damaged file is named with its reason`(_ input: Case) throws {
        let folder = try TemporaryFolder()
        try folder.store.put(sampleTable(0..<30))
        let series = folder.path + "/datasets/binance/spot/BTCUSDT/1h/"
        var bytes = [UInt8](try #require(FileManager.default.contents(atPath: series + input.file)))
        input.change(&bytes)
        try Data(bytes).write(to: URL(fileURLWithPath: series + input.file))
        let before = try treeDigest(folder.path)
        let found = diagnosis { _ = try folder.store.open(hourly) }
        #expect(found?.code == .data)
        #expect(found?.subject == "datasets/binance/spot/BTCUSDT/1h/" + input.file)
        #expect(found?.reason == input.reason)
        let report = try folder.store.verify(hourly)
        #expect(report.problems.map(\.reason) == [input.reason] && report.exitCode == 65)
        #expect(try folder.store.list().map(\.problem?.reason) == [input.reason])
        #expect(diagnosis { try folder.store.put(sampleTable(30..<40)) }?.code == .data)
        #expect(try treeDigest(folder.path) == before)
    }

    @Test func `a series in another's place, a missing column, a link are refused`() throws {
        let folder = try TemporaryFolder()
        try folder.store.put(sampleTable(0..<5))
        let symbol = folder.path + "/datasets/binance/spot/BTCUSDT"
        let files = FileManager.default
        try files.copyItem(atPath: symbol + "/1h", toPath: symbol + "/1d")
        let daily = Address.parse("binance:BTCUSDT:1d")
        #expect(
            diagnosis { _ = try folder.store.open(daily) }?.reason
                == "holds binance:BTCUSDT:1h, its place says binance:BTCUSDT:1d")
        try files.removeItem(atPath: symbol + "/1h/high.npy")
        #expect(
            diagnosis { _ = try folder.store.open(hourly) }?.message
                == "datasets/binance/spot/BTCUSDT/1h/high.npy: the file is missing; "
                + "restore it from a backup, or delete the folder and import again")
        try files.createSymbolicLink(
            atPath: symbol + "/1h/high.npy", withDestinationPath: "/etc/hostname")
        #expect(
            diagnosis { _ = try folder.store.open(hourly) }?.reason
                == "opening failed: not a regular file (a symbolic link)")
        try files.removeItem(atPath: symbol + "/1h/high.npy")
        #expect(unsafe mkfifo(symbol + "/1h/high.npy", 0o600) == 0)
        #expect(
            diagnosis { _ = try folder.store.open(hourly) }?.reason
                == "opening failed: not a regular file")
    }

    @Test func `verify names wrong rows with their row and time`() throws {
        let folder = try TemporaryFolder()
        // Written past the checks, as a faulty program with its own writer would.
        var table = sampleTable(0..<6)
        table.words[SeriesColumn.high.index][2] = 1.0.bitPattern
        table.words[SeriesColumn.volume.index][3] = (-1.0).bitPattern
        table.words[0][4] += 1
        try folder.store.put(sampleTable(0..<1))
        let parent = try #require(try folder.store.openParent(SeriesPlace(hourly)))
        let writer = SeriesWriter(
            place: SeriesPlace(hourly), parent: parent, files: FileOperations(), sources: [])
        try writer.rewrite(table, from: folder.store.openFiles(SeriesPlace(hourly)))
        let report = try folder.store.verify(hourly)
        #expect(
            report.problems.map { "\($0.place ?? "")|\($0.reason)" } == [
                "row 5|open time 1,704,081,600,001 not a multiple of 3,600,000",
                "row 3, 2024-01-01T02:00Z|high 1.0 < low 101.0",
                "row 4, 2024-01-01T03:00Z|volume -1.0 is not a quantity",
            ])
        #expect(report.exitCode == 65)
    }

    @Test func `random damage is found or harmless, and never crashes`() throws {
        let folder = try TemporaryFolder()
        let table = sampleTable(0..<200)
        try folder.store.put(table)
        let series = folder.path + "/datasets/binance/spot/BTCUSDT/1h/"
        let names = try FileManager.default.contentsOfDirectory(atPath: series).sorted()
        let contents = try names.map {
            [UInt8](try #require(FileManager.default.contents(atPath: series + $0)))
        }
        var random = Xoshiro256(seed: 2_024)
        for round in 0..<600 {
            let file = Int(random.next() % UInt64(names.count))
            var bytes = contents[file]
            let at = Int(random.next() % UInt64(bytes.count))
            if round % 5 == 0 {
                bytes.removeLast(bytes.count - at)
            } else {
                bytes[at] ^= UInt8(1 << (random.next() % 8))
            }
            try Data(bytes).write(to: URL(fileURLWithPath: series + names[file]))
            let report = try folder.store.verify(hourly)
            if report.isClean {
                // Only the shape's digits, which nothing reads, may differ.
                let opened = try folder.store.open(hourly)
                #expect(try opened.table(0..<opened.rows) == table, "\(names[file]) at \(at)")
                let field = NpyHeader.shapeOffset..<NpyHeader.shapeOffset + NpyHeader.shapeWidth
                #expect(field.contains(at) && report.notes != [], "\(names[file]) at \(at)")
            }
            try Data(contents[file]).write(to: URL(fileURLWithPath: series + names[file]))
        }
        #expect(try folder.store.all() == table)
    }

    @Test func `an append onto a damaged block is refused`() throws {
        let folder = try TemporaryFolder()
        try folder.store.put(sampleTable(10..<40))
        let path = folder.path + "/datasets/binance/spot/BTCUSDT/1h/low.npy"
        var bytes = [UInt8](try #require(FileManager.default.contents(atPath: path)))
        bytes[4_096 + 77] ^= 1
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        for rows in [40..<50, 0..<12] {
            let found = diagnosis { try folder.store.put(sampleTable(rows)) }
            // The damaged column is found by its digest, before anything is written.
            #expect(found?.kind == "kline.digest", "\(rows)")
        }
        #expect(
            try folder.store.verify(hourly).problems.map(\.message) == [
                "datasets/binance/spot/BTCUSDT/1h/low.npy: block 0 (2024-01-01T10:00Z): damaged; "
                    + "0 rows before it are good; restore it from a backup, "
                    + "or delete the folder and import again"
            ])
    }
}
