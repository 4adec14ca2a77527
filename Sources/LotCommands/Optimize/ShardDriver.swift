import Glibc
import LotCore
import LotEngine
import LotOptimize

/// Does one shard of a study: every search's slice, into one file.
struct ShardDriver {
    let setup: StudySetup
    let folder: String
    let header: ShardHeader
    let console: Console

    /// Seconds in which the runs under way must end after SIGTERM: clusters kill after 30.
    private static let grace = 25
    /// Seconds in which another process must let go of the shard: a task that is begun anew may
    /// find its predecessor, or, on NFS, the lock of one whose machine has died (90 s by RFC 7530).
    private static let patience = 120.0

    private var name: String { ShardFile.name(header.shard, of: header.count) }

    /// - Returns: 0; 130 or 143 after a signal, with everything kept that was done.
    func run() throws(Diagnosis) -> Int32 {
        let shards = ShardFolder(folder)
        let interrupts = Interrupts(console, grace: ShardDriver.grace)
        let start = ProgressBar.seconds()
        var isWaiting = false
        while true {
            guard try !isDone(shards) else {
                console.note("shard \(header.shard) of \(header.count): is done already")
                return 0
            }
            do throws(Diagnosis) {
                var known: [ShardTrial] = []
                var file = try ShardFile.open(in: folder, header) { known.append($0) }
                return try search(known, &file, beside: shards, interrupts)
            } catch {
                // On a terminal somebody sees what is said, and can decide.
                guard error.kind == "shard.busy", !Console.showsProgress,
                    ProgressBar.seconds() - start < ShardDriver.patience, !interrupts.cancel.isSet
                else { throw error }
                if !isWaiting { console.note("waiting for another process on this shard") }
                isWaiting = true
                usleep(500_000)
            }
        }
    }

    /// Whether the shard's file is there, whole.
    private func isDone(_ shards: ShardFolder) throws(Diagnosis) -> Bool {
        let same = try shards.shards(of: header.study).filter { $0.isWhole }
        if let other = same.first(where: { $0.header.budget != header.budget }) {
            throw Diagnosis(
                .data, kind: "shard.budget",
                subject: escaped(folder + "/" + other.name, limit: 512),
                reason: "is of \(counted(other.header.budget, "trial")), not of "
                    + grouped(header.budget),
                hint: "remove the shards of an earlier --trials")
        }
        return same.contains { $0.name == name }
    }

    private func search(
        _ known: [ShardTrial], _ file: inout ShardFile, beside shards: ShardFolder,
        _ interrupts: Interrupts
    ) throws(Diagnosis) -> Int32 {
        let folds = [Fold(number: 0, train: setup.plan.main, test: [])] + setup.plan.folds
        let shows = Console.showsProgress && !console.isQuiet
        if !known.isEmpty { console.note("going on behind \(counted(known.count, "trial"))") }
        for fold in folds where !interrupts.cancel.isSet {
            let loop = SearchLoop(
                try setup.makeSampler(fold: fold.number), setup.objective, setup.kept,
                over: fold.train, keepsBlocks: fold.number == 0)
            var search = ShardSearch(fold: fold.number, loop, budget: setup.budget, header)
            if let gauge = setup.memory.gauge {
                search.mostPoints = { gauge.mostPoints(after: $0) }
                search.begin(with: MemoryGauge.first)
            }
            for one in known where one.fold == fold.number { search.know(one.trial) }
            try search.run(
                on: setup.runner, keeping: &file, beside: shards, cancel: interrupts.cancel,
                clock: ProgressBar.seconds, wait: { usleep(50_000) }
            ) { done in
                if shows { Console.put("\rfold \(fold.number): \(grouped(done)) \u{1B}[K", 2) }
            }
        }
        if shows { Console.put("\r\u{1B}[K", 2) }
        if interrupts.signal != 0 {
            console.note("interrupted: what is done is kept; the same command goes on")
            return 128 + interrupts.signal
        }
        try file.finish()
        console.note(
            "shard \(header.shard) of \(header.count): \(escaped(folder, limit: 512))/\(name)")
        return 0
    }
}
