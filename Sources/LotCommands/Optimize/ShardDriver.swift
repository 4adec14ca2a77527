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

    /// - Returns: 0; 130 or 143 after a signal, with everything kept that was done.
    func run() throws(Diagnosis) -> Int32 {
        let name = ShardFile.name(header.shard, of: header.count)
        let shards = ShardFolder(folder)
        if try shards.shards(of: header.study).contains(where: { $0.name == name && $0.isWhole }) {
            console.note("shard \(header.shard) of \(header.count): is done already")
            return 0
        }
        let interrupts = Interrupts(console)
        var known: [ShardTrial] = []
        var file = try ShardFile.open(in: folder, header) { known.append($0) }
        let folds = [Fold(number: 0, train: setup.plan.main, test: [])] + setup.plan.folds
        let shows = Console.showsProgress && !console.isQuiet
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
