import LotCore
import LotData
import LotOptimize
import LotReport
import LotStore

/// The study of this command in the database: made, found again, or refused.
struct StudyBook {
    let store: StudyStore
    let session: StudySession
    /// Trials of earlier studies of the same script on the same series.
    let earlierTrials: Int
    /// Whether every trial that is asked for was there already.
    let wasDone: Bool

    /// Opens the database and finds or makes the study.
    ///
    /// - Parameters:
    ///   - setup: What is asked for.
    ///   - name: Name of the study.
    ///   - resumes: Whether one that is not done may go on.
    /// - Throws: 73 if the name belongs to another study, with what differs, or to one that is not
    ///   done; 75 if another process works on it.
    init(_ setup: StudySetup, name: String, resumes: Bool) throws(Diagnosis) {
        store = try StudyStore.writing(try StudyBook.folder())
        let known = try store.study(named: name)
        if let known {
            try StudyBook.check(known, setup, name)
            if !resumes, known.status != .done, known.counts.trials > 0 {
                // Another process that works on it is the nearer reason, and passes by itself.
                _ = try store.begin(known)
                throw StudyBook.unfinished(known, name)
            }
        }
        wasDone = known.map { StudyBook.isDone($0, setup) } ?? false
        let record: StudyRecord
        if let known {
            record = known
        } else {
            record = try store.create(
                setup.stored(name), at: WallClock.milliseconds())
        }
        session = try store.begin(record)
        try session.replan(setup.planned, at: WallClock.milliseconds())
        let spec = session.study.spec
        earlierTrials = try store.earlier(
            script: spec.scriptHash, data: spec.dataIdentity, before: session.study.id
        ).trials
    }

    /// Whether a study has been done to its end already.
    ///
    /// - Throws: As `init`, for what keeps the study from being kept here once it is done.
    static func isDone(_ setup: StudySetup, name: String) throws(Diagnosis) -> Bool {
        guard let known = try StudyStore.writing(try folder()).study(named: name) else {
            return false
        }
        try check(known, setup, name)
        return isDone(known, setup)
    }

    private static func isDone(_ known: StudyRecord, _ setup: StudySetup) -> Bool {
        known.status == .done && (known.spec.planned ?? 0) >= setup.planned
    }

    /// When the study was begun, in milliseconds since 1970.
    var started: Int64 { session.study.createdMs }

    /// The state folder that the environment names.
    static func folder() throws(Diagnosis) -> StateFolder {
        try StateFolder.named(by: Environment.value)
    }

    /// Its trials.
    func log(_ setup: StudySetup) -> StoredLog {
        StoredLog(
            store, session, setup.objective, lastRung: setup.lastRung, now: WallClock.milliseconds)
    }

    /// Says how the study ended, with what was found.
    func finish(
        _ findings: StudyFindings, text: String, _ document: [UInt8]
    ) throws(Diagnosis) {
        try session.finish(
            findings.isComplete ? .done : .interrupted,
            summary: findings.isComplete ? StudySummary.json(text: text, document: document) : nil,
            repeats: findings.isComplete ? findings.repeats : nil, at: WallClock.milliseconds())
    }

    /// Removes the study if nothing in it ever ran: nobody could want to see it.
    ///
    /// More trials than are asked for now may have run before.
    func discardEmpty() throws(Diagnosis) {
        guard session.study.counts.pruned == session.study.counts.trials else { return }
        try session.discard()
    }

    /// Refuses to go on with a study that there is not: a misspelt name would begin another.
    ///
    /// - Throws: 66, with the studies there are, the last changed first.
    static func checkExists(_ name: String) throws(Diagnosis) {
        let all = try StudyStore.reading(try folder())?.list() ?? []
        guard !all.contains(where: { $0.spec.name == name }) else { return }
        let near = nearest(to: name, in: all.map(\.spec.name))
            .map { "did you mean \"\(escaped($0, limit: 128))\"? " }
        let shown = all.prefix(10).map { study in
            "\(escaped(study.spec.name, limit: 128)): \(study.status.rawValue), "
                + counted(study.counts.trials, "trial")
        }
        let rest = all.count - shown.count
        throw Diagnosis(
            .noInput, kind: "study.missing", subject: subject(name),
            reason: all.isEmpty
                ? "there are no studies to go on with" : "there is none to go on with",
            hint: (near ?? "") + "leave --resume out to begin it",
            details: shown + (rest > 0 ? ["\(grouped(rest)) more: lot optimize list"] : []))
    }

    private static func check(
        _ known: StudyRecord, _ setup: StudySetup, _ name: String
    ) throws(Diagnosis) {
        guard known.spec.identity == setup.id else {
            throw Diagnosis(
                .cannotCreate, kind: "study.differs", subject: subject(name),
                reason: "was made of something else", hint: "name another with --study",
                details: differences(known, setup))
        }
    }

    private static func subject(_ name: String) -> String {
        "study \(escaped(name, limit: 128))"
    }

    private static func unfinished(_ known: StudyRecord, _ name: String) -> Diagnosis {
        Diagnosis(
            .cannotCreate, kind: "study.unfinished", subject: subject(name),
            reason: "is not finished: \(counted(known.counts.trials, "trial")) done",
            hint: "--resume goes on with it, --study begins another")
    }

    /// What differs, a line each.
    private static func differences(_ known: StudyRecord, _ setup: StudySetup) -> [String] {
        guard let old = try? JSONReader.parse(Array(known.spec.json.utf8)),
            let new = try? JSONReader.parse(setup.spec.json)
        else { return [] }
        return JSONDifference.between(old, new).prefix(20).map { difference in
            "\(difference.path): \(escaped(difference.old ?? "nothing", limit: 80)) then, "
                + "\(escaped(difference.new ?? "nothing", limit: 80)) now"
        }
    }
}

extension StudySetup {
    /// What the database keeps of it.
    func stored(_ name: String) -> LotStore.StudySpec {
        LotStore.StudySpec(
            name: name, identity: id, scriptHash: sha256Hex(Array(spec.scriptText.utf8)),
            dataIdentity: inputs.data.seriesText, engineVersion: lotVersion,
            json: String(decoding: spec.json, as: UTF8.self), planned: planned)
    }
}
