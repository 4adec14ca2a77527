import LotCore
import LotData
import LotMath
import LotReport
import LotStore

/// What a study says of itself in the database once it is done: its table and its document.
struct StudySummary {
    let text: String
    let document: String

    /// What is stored.
    static func json(text: String, document: [UInt8]) -> String {
        var json = JSONWriter()
        json.object(inline: true) { json in
            field(&json, "text", text)
            field(&json, "document", String(decoding: document, as: UTF8.self))
        }
        return String(decoding: json.bytes, as: UTF8.self)
    }

    init?(_ stored: String) {
        guard let json = try? JSONReader.parse(Array(stored.utf8)), let text = json["text"]?.text,
            let document = json["document"]?.text
        else { return nil }
        self.text = text
        self.document = document
    }
}

/// The trials of a stored study in words: what its specification says of their numbers.
struct StoredTrials {
    private let study: StudyRecord
    private let parameters: [String]
    /// The names of a parameter's values; empty for numbers.
    private let choices: [[String]]
    private let targets: [String]
    private let metrics: [String]

    /// Reads the specification of a study.
    ///
    /// - Throws: 65 if it is damaged.
    init(_ study: StudyRecord) throws(Diagnosis) {
        self.study = study
        guard let spec = try? JSONReader.parse(Array(study.spec.json.utf8)),
            let space = spec["space"]?.members, let goals = spec["targets"]?.members,
            let kept = spec["metrics"]?.elements
        else {
            throw Diagnosis(
                .data, kind: "study.spec",
                subject: "study \(escaped(study.spec.name, limit: 128))",
                reason: "its specification in the database is damaged",
                hint: "restore a backup of studies.db (docs/operations.md)")
        }
        parameters = space.map(\.name)
        choices = space.map { member in
            let text = member.value.text ?? ""
            return text.contains("…") ? [] : text.split(separator: ", ").map(String.init)
        }
        targets = goals.map(\.name)
        metrics = kept.compactMap(\.text)
    }

    /// The header of the CSV.
    var header: [UInt8] {
        CSVWriter(
            header: ["fold", "trial", "rung", "status"] + parameters
                + targets.map { "target: " + $0 }
                + ["violation"] + metrics + ["message"]
        ).bytes
    }

    /// Hands over the rows of every trial, some thousand at a time.
    func rows(
        _ store: StudyStore, _ body: ([UInt8]) throws(Diagnosis) -> Void
    ) throws(Diagnosis) {
        for fold in try store.folds(of: study) {
            var pending: [Trial] = []
            try store.forEachTrial(of: study, fold: fold, parts: .usual) {
                (trial: Trial) throws(Diagnosis) in
                pending.append(trial)
                if pending.count == 1_000 {
                    try body(rows(pending))
                    pending.removeAll(keepingCapacity: true)
                }
                return true
            }
            try body(rows(pending))
        }
    }

    /// Some trials with a header.
    func csv(_ trials: [Trial]) -> String { String(decoding: header + rows(trials), as: UTF8.self) }

    private func rows(_ trials: [Trial]) -> [UInt8] {
        var csv = CSVWriter()
        for trial in trials {
            csv.number(Int64(trial.fold))
            csv.number(Int64(trial.number))
            csv.number(Int64(trial.rung))
            csv.text(status(trial))
            for (index, value) in trial.point.enumerated() {
                if choices[index].isEmpty {
                    csv.number(value)
                } else {
                    csv.text(text(index, value))
                }
            }
            for value in trial.values { csv.number(value) }
            csv.number(trial.violation)
            for index in metrics.indices {
                csv.number(index < trial.metrics.count ? trial.metrics[index] : nil)
            }
            csv.text(trial.error ?? "")
            csv.endRow()
        }
        return csv.bytes
    }

    /// Trials as a table.
    func table(_ trials: [Trial]) -> String {
        let header = ["", "trial"] + parameters.map { escaped($0, limit: 24) }
        var table = TextTable(
            header + targets.map { escaped($0, limit: 40) },
            numbers: Set(0..<header.count + targets.count))
        for (place, trial) in trials.enumerated() {
            table.add(
                ["\(place + 1)", "\(trial.number)"]
                    + trial.point.enumerated().map { text($0.offset, $0.element) }
                    + trial.values.map(shortText))
        }
        return table.text
    }

    private func text(_ index: Int, _ value: Double) -> String {
        let names = index < choices.count ? choices[index] : []
        guard let place = Int(exactly: value) else { return plainDecimal(value) }
        return names.indices.contains(place) ? names[place] : "\(place)"
    }

    private func status(_ trial: Trial) -> String {
        switch trial.status {
        case .done:
            trial.violation == 0 && trial.values.allSatisfy(\.isFinite) ? "ok" : "infeasible"
        case .failed: "failed"
        case .pruned: "refused"
        }
    }
}
