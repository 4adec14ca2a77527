import Foundation
import LotCore
import Testing

@testable import LotData

@Suite struct DeleteTests {
    @Test func `a series goes with its lock, and folders that are empty`() throws {
        let folder = try TemporaryFolder()
        try folder.store.put(sampleTable(0..<10))
        let deleted = try folder.store.delete(.bars(hourly))
        #expect(deleted.rows == 10 && deleted.bytes > 6 * 4_096)
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: folder.path + "/datasets") == [])
        #expect(diagnosis { try folder.store.delete(.bars(hourly)) }?.code == .noInput)
    }

    @Test func `other series of the symbol stay`() throws {
        let folder = try TemporaryFolder()
        let daily = Address.parse("binance:BTCUSDT:1d")
        try folder.store.put(sampleTable(0..<48))
        try folder.store.resample(hourly, to: daily)
        try folder.store.delete(.bars(hourly))
        #expect(try folder.store.list().map(\.address) == [.bars(daily)])
        #expect(try folder.store.verify(daily).isClean)
    }

    @Test func `a damaged series can be deleted, one with other files cannot`() throws {
        let folder = try TemporaryFolder()
        try folder.store.put(sampleTable(0..<10))
        let series = folder.path + "/datasets/binance/spot/BTCUSDT/1h"
        try Data().write(to: URL(fileURLWithPath: series + "/series.json"))
        try Data("mine".utf8).write(to: URL(fileURLWithPath: series + "/notes.txt"))
        let before = try treeDigest(folder.path)
        let found = diagnosis { try folder.store.delete(.bars(hourly)) }
        #expect(found?.code == .cannotCreate)
        #expect(found?.subject == "datasets/binance/spot/BTCUSDT/1h/notes.txt")
        #expect(try treeDigest(folder.path) == before)
        try FileManager.default.removeItem(atPath: series + "/notes.txt")
        #expect(try folder.store.delete(.bars(hourly)).rows == nil)
    }

    @Test func `nothing is deleted while a writer is at work`() throws {
        let folder = try TemporaryFolder()
        try folder.store.put(sampleTable(0..<10))
        let place = SeriesPlace(hourly)
        let parent = try #require(try folder.store.openParent(place))
        let lock = try SeriesLock.take(place, in: parent, folder.store.files)
        #expect(diagnosis { try folder.store.delete(.bars(hourly)) }?.code == .tryLater)
        withExtendedLifetime(lock) {}
        #expect(try folder.store.open(hourly).rows == 10)
    }

    @Test func `a delete stopped anywhere leaves the whole series or none of it`() throws {
        func prepare() throws -> TemporaryFolder {
            let folder = try TemporaryFolder()
            try folder.store.put(sampleTable(0..<10))
            return folder
        }
        func delete(_ folder: TemporaryFolder, _ plan: FaultPlan) throws {
            try KlineStore(root: folder.path + "/datasets", faults: plan).delete(.bars(hourly))
        }
        let counter = FaultPlan()
        try delete(try prepare(), counter)
        #expect(counter.count > 10)
        for index in 0..<counter.count {
            for fault in [Fault.stop, .error(5)] {
                let folder = try prepare()
                _ = diagnosis { try delete(folder, FaultPlan(fault, at: index)) }
                if try folder.store.exists(hourly) {
                    #expect(try folder.store.all() == sampleTable(0..<10))
                    try folder.store.delete(.bars(hourly))
                }
                #expect(try folder.store.list() == [])
                // The next commit finds a clean place.
                try folder.store.put(sampleTable(5..<8))
                #expect(try folder.store.all() == sampleTable(5..<8))
                let names = try FileManager.default.contentsOfDirectory(
                    atPath: folder.path + "/datasets/binance/spot/BTCUSDT")
                #expect(names.sorted() == ["1h", "1h.lock"])
            }
        }
    }
}
