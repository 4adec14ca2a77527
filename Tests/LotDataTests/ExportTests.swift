import Foundation
import LotCore
import Testing

@testable import LotData

@Suite struct ExportTests {
    func text(
        _ address: DatasetAddress, _ store: KlineStore, start: Int64? = nil, end: Int64? = nil,
        times: TimeStyle = .iso
    ) throws -> String {
        var bytes: [UInt8] = []
        try CSVExport(address, in: store, start: start, end: end, times: times)
            .write { bytes += $0 }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The bytes of every column file of a series.
    func columns(_ folder: TemporaryFolder, _ address: DatasetAddress) throws -> [String: [UInt8]] {
        let path = folder.path + "/datasets/" + address.folder
        var result: [String: [UInt8]] = [:]
        for name in try FileManager.default.contentsOfDirectory(atPath: path)
        where name.hasSuffix(".npy") {
            result[name] = FileManager.default.contents(atPath: path + "/" + name).map {
                [UInt8]($0)
            }
        }
        return result
    }

    @Test func `a header and a line a row, in the range asked for`() throws {
        let folder = try TemporaryFolder()
        try folder.store.put(sampleTable(0..<10))
        #expect(
            try text(
                .bars(hourly), folder.store, start: start2024 + hour, end: start2024 + 3 * hour)
                    == """
                    open_time,open,high,low,close,volume
                    2024-01-01T01:00Z,101,103,100,102,1
                    2024-01-01T02:00Z,102,104,101,103,2

                    """)
        #expect(
            try text(.bars(hourly), folder.store, start: start2024 + 9 * hour, times: .ms)
                == """
                open_time,open,high,low,close,volume
                1704099600000,109,111,108,110,9

                """)
        let found = diagnosis {
            _ = try text(.bars(hourly), folder.store, start: start2024 + 99 * hour)
        }
        #expect(found?.code == .noInput)
        #expect(found?.hint == "stored are 2024-01-01T00:00Z to 2024-01-01T09:00Z")
    }

    @Test(arguments: TimeStyle.allCases)
    func `importing an export gives the same bytes of columns`(_ times: TimeStyle) throws {
        let folder = try TemporaryFolder()
        let minutely = DatasetAddress.bars(Address.minutely)
        try folder.store.generate(Address.minutely, rows: 5_000, seed: 11)
        let perp = Address.parse("test.perp:GENUSDT:1h")
        let mark = Address.parse("test.perp:GENUSDT:mark_1h")
        try folder.store.generate(perp, rows: 500, seed: 11)
        try folder.store.generate(mark, rows: 500, seed: 11)
        guard case .funding(let rates) = Dataset.parse("test.perp:GENUSDT:funding") else { return }
        try folder.store.generate(rates, over: perp, seed: 11)
        let other = try TemporaryFolder()
        for address in [minutely, .bars(perp), .bars(mark), .funding(rates)] {
            let path = folder.path + "/x.csv"
            try CSVExport(address, in: folder.store, times: times)
                .write(toFile: path, folder.store)
            _ = try Importer(store: other.store).run([path], as: address)
            let one = try columns(folder, address)
            #expect(try one.count > 2 && columns(other, address) == one)
        }
        #expect(try text(.funding(rates), folder.store).hasPrefix("time,rate,mark_price\n2023"))
    }

    @Test func `extreme values survive the way out and in`() throws {
        let folder = try TemporaryFolder()
        var table = sampleTable(0..<6)
        let volumes: [Double] = [
            .leastNonzeroMagnitude, .greatestFiniteMagnitude, 1e-7, 123456789.12345679, 0.1 + 0.2,
            1e22,
        ]
        for (row, volume) in volumes.enumerated() {
            table.words[SeriesColumn.volume.index][row] = volume.bitPattern
        }
        try folder.store.put(table)
        let csv = try text(.bars(hourly), folder.store)
        #expect(!csv.dropFirst(60).contains("e"))
        let other = try TemporaryFolder()
        _ = try Importer(store: other.store).run([try other.write("x.csv", csv)], as: hourly)
        #expect(try other.store.all() == table)
    }

    @Test func `a mark price that is not known is an empty field`() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write("a.csv", fundingArchive(0..<2))
        _ = try Importer(store: folder.store).run([path], as: funding)
        #expect(
            try text(funding, folder.store)
                == """
                time,rate,mark_price
                2024-01-01T00:00Z,-0.0000375,
                2024-01-01T08:00Z,0.00010001,

                """)
    }

    @Test func `a file is written whole or not at all, whatever fails`() throws {
        let folder = try TemporaryFolder()
        try folder.store.put(sampleTable(0..<10))
        let path = folder.path + "/out.csv"
        let counter = FaultPlan()
        func export(_ plan: FaultPlan) throws {
            let store = KlineStore(root: folder.path + "/datasets", faults: plan)
            try CSVExport(.bars(hourly), in: store).write(toFile: path, store)
        }
        try export(counter)
        #expect(counter.count == 5)
        let whole = try #require(FileManager.default.contents(atPath: path))
        for old in [nil, "old"] {
            for index in 0..<counter.count {
                for fault in [Fault.stop, .torn, .error(28)] {
                    try? FileManager.default.removeItem(atPath: path)
                    if let old { _ = try folder.write("out.csv", old) }
                    let found = diagnosis { try export(FaultPlan(fault, at: index)) }
                    let content = FileManager.default.contents(atPath: path)
                    #expect(content == whole || content == old.map { Data($0.utf8) })
                    #expect(found != nil || content == whole)
                    if fault == .error(28), found != nil {
                        #expect(found?.code == .io)
                        #expect(
                            !FileManager.default.fileExists(atPath: folder.path + "/.out.csv.new"))
                    }
                }
            }
        }
    }

    @Test func `only a regular file is replaced`() throws {
        let folder = try TemporaryFolder()
        try folder.store.put(sampleTable(0..<3))
        let export = try CSVExport(.bars(hourly), in: folder.store)
        for path in [folder.path, "/dev/null", folder.path + "/none/x.csv", folder.path + "/"] {
            #expect(
                diagnosis { try export.write(toFile: path, folder.store) }?.code == .cannotCreate)
        }
    }
}
