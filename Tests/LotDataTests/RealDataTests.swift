import Foundation
import LotCore
import Testing

@testable import LotData

@Suite struct RealDataTests {
    @Test(.enabled(if: SharedData.isThere))
    func `51 monthly archives in any order are 37,223 rows with one real gap`() throws {
        let folder = try TemporaryFolder()
        let zips = try SharedData.zips("monthly/klines/BTCUSDT/1h")
        #expect(zips.count == 51)
        let importer = Importer(store: folder.store)
        let report = try importer.run(zips.reversed(), as: hourly)
        #expect(report.rowsRead == 37_223)
        #expect(report.outcome.added == 37_223)
        #expect(report.checksumsVerified == 51)
        // 2022-01-01 to 2026-03-31 is 1,551 days: 37,224 hours, one of them missing.
        #expect(report.gaps.map(\.bars) == [1])
        #expect(CivilTime.text(report.gaps[0].from) == "2023-03-24T13:00Z")
        #expect(CivilTime.text(report.firstTime) == "2022-01-01T00:00Z")
        #expect(CivilTime.text(report.lastTime) == "2026-03-31T23:00Z")
        let verified = try folder.store.verify(hourly)
        #expect(verified.isClean && verified.notes == [] && verified.rows == 37_223)
        let before = try treeDigest(folder.path)
        let again = try importer.run(Array(zips[10..<20]), as: hourly)
        #expect(again.outcome.added == 0 && again.outcome.unchanged == again.rowsRead)
        #expect(try treeDigest(folder.path) == before)
        let days = try SharedData.zips("daily/klines/BTCUSDT/1h")
        #expect(try importer.run(days, as: hourly).outcome.added == 696)
    }

    @Test(.enabled(if: SharedData.isThere))
    func `the rows of a REST answer are imported`() throws {
        let folder = try TemporaryFolder()
        let daily = Address.parse("binance:BTCUSDT:1d")
        let report = try Importer(store: folder.store).run(
            [SharedData.root + "/binance-rest/BTCUSDT-1d.json"], as: daily)
        #expect(report.files.map(\.kind) == ["binance-rest"])
        #expect(CivilTime.dateText(report.firstTime) == "2017-08-17")
        #expect(report.outcome.added > 3_100)
        #expect(try folder.store.verify(daily).isClean)
    }

    /// A Python that has numpy: `LOT_PYTHON`, else the system's.
    static let python: String? = [
        ProcessInfo.processInfo.environment["LOT_PYTHON"] ?? "", "/usr/bin/python3",
        "/usr/local/bin/python3",
    ].first { path in
        FileManager.default.isExecutableFile(atPath: path)
            && (try? run(path, ["-c", "import numpy"])) == 0
    }

    static func run(_ path: String, _ arguments: [String]) throws -> Int32 {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = arguments
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        return process.terminationStatus
    }

    @Test(.enabled(if: python != nil))
    func `numpy opens every column with mmap_mode r`() throws {
        let folder = try TemporaryFolder()
        try folder.store.generate(Address.minutely, rows: 1_000, seed: 5)
        let table = try folder.store.all(Address.minutely)
        let script = """
            import sys, numpy
            for name in "\(SeriesColumn.bars.map(\.rawValue).joined(separator: " "))".split():
                a = numpy.load(sys.argv[1] + "/" + name + ".npy", mmap_mode="r")
                assert isinstance(a, numpy.memmap) and a.shape == (1000,), name
                assert a.dtype == ("<i8" if name in ("open_time", "trades") else "<f8"), name
            assert float(a[999]) == float(sys.argv[2]), a[999]
            """
        let python = try #require(RealDataTests.python)
        let path = folder.path + "/datasets/test/spot/GENUSDT/1m"
        let last = "\(table.value(.takerBase, 999))"
        #expect(try RealDataTests.run(python, ["-c", script, path, last]) == 0)
    }
}
