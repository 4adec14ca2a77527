import Foundation
import LotCore
import LotEngine
import LotMath
import Testing

@testable import LotOptimize

/// A study that is divided among processes.
@Suite struct ShardTests {
    static let study = String(repeating: "ab", count: 32)

    /// A folder of its own, removed afterwards.
    static func inFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
        let path = FileManager.default.temporaryDirectory.path + "/lot-shards-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: path) }
        return try body(path)
    }

    static func header(_ shard: Int, _ count: Int, budget: Int) -> ShardHeader {
        ShardHeader(
            study: study, shard: shard, count: count, budget: budget,
            arguments: ["optimize", "run", "s.lua"])
    }

    /// Runs one shard; stops after `limit` batches as a killed task would.
    static func run(
        _ kind: SamplerKind, _ shard: Int, of count: Int, budget: Int, in folder: String,
        killedAfter limit: Int = .max
    ) throws {
        let objective = try SearchTests.objective(minTrades: 10)
        let sampler = try kind.make(SearchTests.space, seed: 5, targets: 1) { _ in true }
        let loop = SearchLoop(
            sampler, objective, KeptMetrics(objective), over: [Segment(0..<1)],
            keepsBlocks: false)
        let header = header(shard, count, budget: budget)
        var known: [ShardTrial] = []
        var file = try ShardFile.open(in: folder, header) { known.append($0) }
        var search = ShardSearch(fold: 0, loop, budget: budget, header)
        for one in known { search.know(one.trial) }
        let cancel = CancelFlag()
        var batches = 0
        var time = 0.0
        try search.run(
            on: FormulaRunner(), keeping: &file, beside: ShardFolder(folder), cancel: cancel,
            clock: {
                time += 1
                return time
            }, wait: {}
        ) { _ in
            batches += 1
            if batches >= limit { cancel.set() }
        }
        if !cancel.isSet { try file.finish() }
    }

    static func merged(_ folder: String) throws -> [Trial] {
        var log = MemoryLog()
        _ = try ShardFolder(folder).merge(study, into: &log, folds: [0])
        var all: [Trial] = []
        try log.trials(fold: 0, from: 0) { (trial: Trial) throws(Diagnosis) in all.append(trial) }
        return all
    }

    @Test(arguments: SamplerKind.allCases, [1, 2, 5])
    func `shards in any order make the undivided search`(_ kind: SamplerKind, _ count: Int) throws {
        let (whole, _) = try SearchTests.trials(kind, budget: 300)
        for order in [Array(0..<count), Array((0..<count).reversed())] {
            let trials = try Self.inFolder { folder in
                for shard in order {
                    try Self.run(kind, shard, of: count, budget: 300, in: folder)
                }
                return try Self.merged(folder)
            }
            #expect(trials.count == whole.count)
            #expect(zip(trials, whole).allSatisfy { $0.isSame(as: $1) })
        }
    }

    @Test(arguments: SamplerKind.allCases)
    func `a task that is killed and begun anew changes nothing`(_ kind: SamplerKind) throws {
        let (whole, _) = try SearchTests.trials(kind, budget: 600)
        let trials = try Self.inFolder { folder in
            for shard in [1, 0, 2] {
                try Self.run(kind, shard, of: 3, budget: 600, in: folder, killedAfter: 1)
            }
            // The journal's last frame was being written when the machine stopped.
            let journal = folder + "/shard-1-of-3.lotshard.part"
            let bytes = try Data(contentsOf: URL(fileURLWithPath: journal))
            try bytes.dropLast(5).write(to: URL(fileURLWithPath: journal))
            #expect(throws: Diagnosis.self) { try Self.merged(folder) }
            for shard in [2, 1, 0] { try Self.run(kind, shard, of: 3, budget: 600, in: folder) }
            return try Self.merged(folder)
        }
        #expect(trials.count == whole.count)
        #expect(zip(trials, whole).allSatisfy { $0.isSame(as: $1) })
    }

    @Test func `every cut of a file is found or harmless`() throws {
        try Self.inFolder { folder in
            try Self.run(.random, 0, of: 1, budget: 20, in: folder)
            let path = folder + "/" + ShardFile.name(0, of: 1)
            let whole = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
            for length in stride(from: 0, to: whole.count, by: 7) {
                try Data(whole[..<length]).write(to: URL(fileURLWithPath: path))
                #expect(throws: Diagnosis.self) { try Self.merged(folder) }
            }
            for place in stride(from: 0, to: whole.count, by: 11) {
                var bytes = whole
                bytes[place] ^= 0x10
                try Data(bytes).write(to: URL(fileURLWithPath: path))
                #expect(throws: Diagnosis.self) { try Self.merged(folder) }
            }
        }
    }

    @Test func `what is missing, mixed or of another study is named`() throws {
        try Self.inFolder { folder in
            try Self.run(.random, 0, of: 4, budget: 20, in: folder)
            try Self.run(.random, 2, of: 4, budget: 20, in: folder)
            let missing = #expect(throws: Diagnosis.self) { try Self.merged(folder) }
            #expect(missing?.code == .tryLater)
            #expect(missing?.message.contains("2 shards of 4 not done: 1, 3") == true)
            let other = #expect(throws: Diagnosis.self) {
                try ShardFolder(folder).shards(of: String(repeating: "cd", count: 32))
            }
            #expect(other?.message.contains("another study") == true)
            try Self.run(.random, 1, of: 3, budget: 20, in: folder)
            let mixed = #expect(throws: Diagnosis.self) { try Self.merged(folder) }
            #expect(mixed?.code == .data)
        }
    }

    @Test func `two processes do not write one journal`() throws {
        try Self.inFolder { folder in
            let header = Self.header(0, 1, budget: 5)
            let first = try ShardFile.open(in: folder, header) { _ in }
            let busy = #expect(throws: Diagnosis.self) {
                _ = try ShardFile.open(in: folder, header) { _ in }
            }
            #expect(busy?.code == .tryLater)
            _ = consume first
            _ = try ShardFile.open(in: folder, header) { _ in }
        }
    }

    @Test func `progress is told from the files as they grow`() throws {
        try Self.inFolder { folder in
            var progress = ShardProgress(folder: folder, count: 3)
            progress.update()
            #expect(progress.missing == [0, 1, 2])
            try Self.run(.random, 0, of: 3, budget: 90, in: folder)
            try Self.run(.random, 1, of: 3, budget: 90, in: folder, killedAfter: 1)
            progress.update()
            #expect(progress.missing == [1, 2])
            #expect(progress.trials == 30 + 16)
            // A frame that is being written does not count, and changes nothing.
            let journal = folder + "/shard-1-of-3.lotshard.part"
            let bytes = try Data(contentsOf: URL(fileURLWithPath: journal))
            let frame = ShardFormat.trials([], fold: 0)
            try (bytes + frame.dropLast(1)).write(to: URL(fileURLWithPath: journal))
            progress.update()
            #expect(progress.trials == 30 + 16)
            try Self.run(.random, 1, of: 3, budget: 90, in: folder)
            try Self.run(.random, 2, of: 3, budget: 90, in: folder)
            progress.update()
            #expect(progress.missing.isEmpty)
            #expect(progress.trials == 90)
        }
    }

    @Test func `shards of another number of trials are of no use`() throws {
        try Self.inFolder { folder in
            try Self.run(.random, 0, of: 2, budget: 80, in: folder, killedAfter: 1)
            var known = 0
            _ = try ShardFile.open(in: folder, Self.header(0, 2, budget: 90)) { _ in known += 1 }
            #expect(known == 0)
            try Self.run(.random, 0, of: 2, budget: 80, in: folder)
            try Self.run(.random, 1, of: 2, budget: 90, in: folder)
            let mixed = #expect(throws: Diagnosis.self) { try Self.merged(folder) }
            #expect(mixed?.kind == "shard.budget")
        }
    }

    @Test func `the checksum is CRC-32C`() {
        // RFC 3720, B.4: 32 bytes of zeros, of ones, ascending.
        #expect(crc32c([UInt8](repeating: 0, count: 32)) == 0x8a91_36aa)
        #expect(crc32c([UInt8](repeating: 0xff, count: 32)) == 0x62a8_ab43)
        #expect(crc32c((0..<32).map { UInt8($0) }) == 0x46dd_794e)
    }
}
