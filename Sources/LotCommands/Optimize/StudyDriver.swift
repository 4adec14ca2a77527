import LotCore
import LotEngine
import LotMath
import LotOptimize

/// Carries out a study: its main search, the repetitions that hold data back, what comes of them.
struct StudyDriver {
    let setup: StudySetup
    let console: Console

    /// Best trials that lists show.
    static let shown = 10

    func run() throws(Diagnosis) -> Int32 {
        let interrupts = Interrupts(console)
        let line = StudyProgress(console)
        var log = MemoryLog()
        var outcomes: [SearchOutcome] = []
        for fold in [Fold(number: 0, train: setup.plan.main, test: [])] + setup.plan.folds {
            var search = try search(fold)
            try search.resume(from: log)
            outcomes.append(
                try search.run(
                    on: setup.runner, keeping: &log, cancel: interrupts.cancel,
                    clock: ProgressBar.seconds
                ) { line.update($0) })
            if interrupts.cancel.isSet { break }
        }
        line.finish()
        try console.write(StudyTable(setup).leaders(outcomes[0].leaders.trials))
        return interrupts.signal == 0 ? 0 : 128 + interrupts.signal
    }

    private func search(_ fold: Fold) throws(Diagnosis) -> StudySearch {
        let loop = SearchLoop(
            try setup.makeSampler(fold: fold.number), setup.objective, setup.kept,
            over: fold.train, keepsBlocks: fold.number == 0)
        return StudySearch(
            fold: fold.number, loop, setup.objective, budget: setup.budget,
            leaders: StudyDriver.shown)
    }
}
