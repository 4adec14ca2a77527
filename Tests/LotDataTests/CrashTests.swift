import Foundation
import LotCore
import Testing

@testable import LotData

/// The writer is stopped before, in and after every change it makes on disk.
///
/// Whatever remains must be the rows of before or those of after, complete, and the next commit
/// must work.
@Suite struct CrashTests {
    enum Scenario: String, CaseIterable, Sendable, Codable {
        case create, append, backfill, replace

        var before: SeriesTable? {
            switch self {
            case .create: nil
            case .append, .backfill, .replace: sampleTable(100..<120)
            }
        }

        var incoming: SeriesTable {
            switch self {
            case .create: sampleTable(100..<120)
            case .append: sampleTable(118..<140)
            case .backfill: sampleTable(90..<125)
            case .replace: sampleTable(105..<110, shift: 0.5)
            }
        }

        var after: SeriesTable {
            switch self {
            case .create: sampleTable(100..<120)
            case .append: sampleTable(100..<140)
            case .backfill: sampleTable(90..<125)
            case .replace: sampleTable(100..<120).merged(with: incoming)
            }
        }

        /// A workspace as it is before the scenario's commit.
        func prepare() throws -> TemporaryFolder {
            let folder = try TemporaryFolder()
            if let before { try folder.store.put(before) }
            return folder
        }

        func commit(_ root: String, _ faults: FaultPlan) throws {
            let store = KlineStore(root: root + "/datasets", faults: faults)
            try store.put(incoming, replace: self == .replace)
        }

        /// How many changes the scenario's commit makes on disk.
        func operations() throws -> Int {
            let folder = try prepare()
            let counter = FaultPlan()
            try commit(folder.path, counter)
            return counter.count
        }

        /// Checks that the store is in the state of before or of after, and takes more rows.
        func check(_ folder: TemporaryFolder, _ context: String) throws {
            let comment = Comment(rawValue: context)
            if try folder.store.exists(hourly) {
                let found = try folder.store.all()
                #expect(found == after || found == before, comment)
            } else {
                #expect(before == nil, comment)
            }
            try folder.store.put(incoming, replace: self == .replace)
            #expect(try folder.store.all() == after, comment)
            try folder.store.put(sampleTable(140..<143))
            let names = try FileManager.default.contentsOfDirectory(
                atPath: folder.path + "/datasets/binance/spot/BTCUSDT")
            #expect(names.sorted() == ["1h", "1h.lock"], comment)
            let report = try folder.store.verify(hourly)
            #expect(report.isClean, comment)
            #expect(report.notes == [], comment)
        }
    }

    @Test(arguments: Scenario.allCases)
    func `a writer stopped at any operation loses no committed row`(_ scenario: Scenario) throws {
        let count = try scenario.operations()
        #expect(count > 15)
        for index in 0..<count {
            for fault in [Fault.stop, .torn, .error(28), .error(5)] {
                let folder = try scenario.prepare()
                let plan = FaultPlan(fault, at: index)
                let context = "\(scenario.rawValue) \(fault) at \(index)"
                // A commit that does not fail has happened: the fault befell the tidying up.
                if diagnosis({ try scenario.commit(folder.path, plan) }) == nil {
                    #expect(try folder.store.all() == scenario.after, Comment(rawValue: context))
                }
                try scenario.check(folder, context)
            }
        }
    }

    @Test(arguments: Scenario.allCases)
    func `a writer process that dies at any operation loses no committed row`(
        _ scenario: Scenario
    ) async throws {
        for index in 0..<(try scenario.operations()) {
            let folder = try scenario.prepare()
            let path = folder.path
            let isTorn = index % 2 == 1
            await #expect(processExitsWith: .exitCode(FaultPlan.exitCode)) {
                [path = path as String, index = index as Int, isTorn = isTorn as Bool, scenario] in
                try scenario.commit(path, FaultPlan(.exit(torn: isTorn), at: index))
            }
            try scenario.check(folder, "\(scenario.rawValue) process dies at \(index)")
        }
    }

    @Test func `a torn tail is overwritten by the next append`() throws {
        let folder = try TemporaryFolder()
        try folder.store.put(sampleTable(0..<10))
        let series = folder.path + "/datasets/binance/spot/BTCUSDT/1h/"
        for name in ["open_time.npy", "close.npy"] {
            let handle = try #require(FileHandle(forWritingAtPath: series + name))
            try handle.seekToEnd()
            try handle.write(contentsOf: Data(repeating: 0xee, count: 29))
            try handle.close()
        }
        #expect(try folder.store.open(hourly).rows == 10)
        #expect(try folder.store.verify(hourly).notes.count == 2)
        try folder.store.put(sampleTable(10..<40))
        #expect(try folder.store.all() == sampleTable(0..<40))
    }
}
