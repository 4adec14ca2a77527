import Foundation
import LotCore
import Testing

@testable import LotData

/// A folder that lives as long as the test needs it.
final class TemporaryFolder: Sendable {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "lot-data-\(UUID().uuidString)"
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    var store: KlineStore { Workspace(root: path).store }

    /// Writes a file next to the datasets and returns its path.
    func write(_ name: String, _ bytes: [UInt8]) throws -> String {
        let file = path + "/" + name
        try Data(bytes).write(to: URL(fileURLWithPath: file))
        return file
    }

    func write(_ name: String, _ text: String) throws -> String {
        try write(name, Array(text.utf8))
    }

    /// Copies the datasets of another folder.
    func copyDatasets(of other: TemporaryFolder) throws {
        try FileManager.default.copyItem(
            atPath: other.path + "/datasets", toPath: path + "/datasets")
    }
}

/// Every name and content below a folder, as one text; equal before and after means unchanged.
func treeDigest(_ path: String) throws -> String {
    guard let walk = FileManager.default.enumerator(atPath: path) else { return "none" }
    var lines: [String] = []
    for case let name as String in walk {
        let content = FileManager.default.contents(atPath: path + "/" + name)
        lines.append(name + " " + sha256Hex(content.map { [UInt8]($0) } ?? []))
    }
    return lines.sorted().joined(separator: "\n")
}

let hourly = Address.hourly
enum Address {
    static let hourly = parse("binance:BTCUSDT:1h")
    static let minutely = parse("test:GENUSDT:1m")

    static func parse(_ text: String) -> SeriesAddress {
        guard let address = try? SeriesAddress(parsing: text) else { fatalError(text) }
        return address
    }
}

/// 2024-01-01T00:00Z.
let start2024: Int64 = 1_704_067_200_000
let hour: Int64 = 3_600_000

/// Bars whose prices follow from their index, so every test can say what it expects.
func sampleTable(_ indices: some Sequence<Int>, shift: Double = 0) -> SeriesTable {
    SeriesTable(
        indices.map { index in
            let price = 100 + Double(index % 50) + shift
            return Bar(
                openTime: start2024 + Int64(index) * hour, open: price, high: price + 2,
                low: price - 1, close: price + 1, volume: Double(index))
        })
}

func source(_ table: SeriesTable, _ name: String = "test") -> SeriesSource {
    SeriesSource(
        kind: "csv", name: name, sha256: "", rows: table.count, firstTime: table.time(0),
        lastTime: table.time(table.count - 1))
}

extension KlineStore {
    @discardableResult
    func put(
        _ table: SeriesTable, _ address: SeriesAddress = hourly, replace: Bool = false
    ) throws -> CommitOutcome {
        try commit(table, to: address, sources: [source(table)], replace: replace)
    }

    /// Everything stored, after a full check.
    func all(_ address: SeriesAddress = hourly) throws -> SeriesTable {
        let report = try verify(address)
        #expect(report.problems == [])
        let series = try open(address)
        return try series.table(0..<series.rows)
    }
}

/// The lines of an archive's CSV for bars `indices` in milliseconds.
func archiveText(_ indices: some Sequence<Int>, unit: Int64 = 1) -> String {
    indices.map { index in
        let time = start2024 + Int64(index) * hour
        return "\(time * unit),100.00000000,102.50000000,99.50000000,101.25000000,12.50000000,"
            + "\((time + hour) * unit - 1),1262.50000000,42,6.25000000,631.25000000,0\n"
    }.joined()
}

/// The diagnosis that `body` throws; `nil` if it throws none.
func diagnosis(_ body: () throws -> Void) -> Diagnosis? {
    do {
        try body()
        return nil
    } catch {
        return (error as? any Diagnosable)?.diagnosis
    }
}

/// The folder of real klines, beside the package or where `LOT_SHARED` says.
enum SharedData {
    static let root: String = {
        if let set = ProcessInfo.processInfo.environment["LOT_SHARED"] { return set + "/data" }
        let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        return package.deletingLastPathComponent().path + "/shared/data"
    }()

    static let isThere = FileManager.default.fileExists(atPath: root + "/binance-vision")

    /// The zips of a folder below `binance-vision/data/spot`, sorted.
    static func zips(_ folder: String) throws -> [String] {
        let path = root + "/binance-vision/data/spot/" + folder
        return try FileManager.default.contentsOfDirectory(atPath: path)
            .filter { $0.hasSuffix(".zip") }.sorted().map { path + "/" + $0 }
    }
}
