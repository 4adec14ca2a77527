import LotCore
import LotMath
import LotOptimize
import LotReport

/// The files of a study, in `studies/<name>/` of the workspace.
struct StudyFiles {
    let setup: StudySetup
    /// Name of the study.
    let name: String
    /// The folder, as the user will read it.
    let path: String

    init(_ setup: StudySetup, name: String) {
        self.setup = setup
        self.name = name
        path = setup.request.workspace.studies + "/" + name
    }

    /// Tries every place that the study writes to when it is done, before it takes its time.
    ///
    /// - Returns: What was made for it.
    /// - Throws: 73 for a folder in which no file can be made, 74 for a disk without room; nothing
    ///   is left then.
    func checkWritable(gate: StudyGate, writeParams: String?) throws(Diagnosis) -> WriteProbe {
        var probe = WriteProbe()
        do throws(Diagnosis) {
            let hint = "put right what is there, or choose another workspace with --home"
            try probe.check(folder: path, hint: hint)
            // The run out of sample.
            if setup.scheme != .none {
                try probe.check(folder: setup.request.workspace.reports, hint: hint)
            }
            let files: [(String, String?, ([UInt8]) -> Bool)] = [
                ("--junit", gate.junit, JUnitCase.isDocument),
                ("--write-params", writeParams, ParameterFile.isOne),
            ]
            for (flag, file, isOwn) in files {
                guard let file else { continue }
                let hint = "name another file with \(flag)"
                try probe.check(file: file, hint: hint)
                // Each search replaces what the one before wrote, and nothing else.
                try NewFile.check(file, hint: hint) { () throws(Diagnosis) in
                    isOwn(try InputFile.read(file))
                }
            }
            return probe
        } catch {
            probe.takeBack()
            throw error
        }
    }

    /// Writes every trial of every search to `trials.csv`, row by row.
    func writeTrials(_ log: some TrialLog) throws(Diagnosis) {
        var file = try StreamedFile(path + "/trials.csv")
        let names = setup.space.dimensions.map(\.name)
        let targets = setup.objective.targets.map { "target: " + $0.expression.text }
        let header =
            ["fold", "trial", "rung", "status"] + names + targets + ["violation"] + setup.kept.keys
            + ["message"]
        try file.append(CSVWriter(header: header).bytes)
        for fold in [0] + setup.plan.folds.map(\.number) {
            try log.trials(fold: fold, from: 0) { (trial: Trial) throws(Diagnosis) in
                try file.append(row(fold, trial))
            }
        }
        try file.finish()
    }

    private func row(_ fold: Int, _ trial: Trial) -> [UInt8] {
        var csv = CSVWriter()
        csv.number(Int64(fold))
        csv.number(Int64(trial.number))
        csv.number(Int64(trial.rung))
        csv.text(trial.status.name)
        for index in setup.space.dimensions.indices {
            switch setup.space.dimensions[index].kind {
            case .int, .float: csv.number(trial.point.coordinates[index])
            case .choice, .bool: csv.text(setup.space.text(trial.point, index))
            }
        }
        for value in trial.values { csv.number(value) }
        csv.number(trial.violation)
        for index in setup.kept.indices.indices {
            csv.number(trial.metrics.isEmpty ? nil : trial.metrics[index])
        }
        csv.text(trial.message ?? "")
        csv.endRow()
        return csv.bytes
    }
}

extension TrialStatus {
    /// The name in files.
    var name: String {
        switch self {
        case .feasible: "ok"
        case .infeasible: "infeasible"
        case .refused: "refused"
        case .failed: "failed"
        }
    }
}
