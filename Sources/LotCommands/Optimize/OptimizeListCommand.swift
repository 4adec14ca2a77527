import ArgumentParser
import LotCore
import LotReport
import LotStore

/// `lot optimize list`: the studies in the database.
struct OptimizeListCommand: Command {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the studies, the last changed first.",
        discussion: """
            Examples:
              lot optimize list
              lot optimize list --format csv
            """)

    @OptionGroup(title: "General") var global: GlobalOptions

    func execute(_ console: Console) throws(Diagnosis) -> Int32 {
        let store = try StudyStore.reading(try StudyBook.folder())
        let studies = try store?.list() ?? []
        switch console.format {
        case .table:
            guard !studies.isEmpty else {
                console.note("no studies; lot optimize makes them")
                return 0
            }
            var table = TextTable(
                ["id", "study", "status", "trials done", "failed", "changed"],
                numbers: [0, 3, 4])
            for study in studies {
                table.add([
                    "\(study.id)", escaped(study.spec.name, limit: 128), study.status.rawValue,
                    study.progress, grouped(study.counts.failed),
                    CivilTime.text(study.updatedMs),
                ])
            }
            try console.write(table.text)
        case .csv:
            var csv = CSVWriter(
                header: ["id", "study", "status", "trials", "planned", "failed", "changed_ms"])
            for study in studies {
                csv.number(study.id)
                csv.text(study.spec.name)
                csv.text(study.status.rawValue)
                csv.number(Int64(study.counts.trials))
                csv.number(study.spec.planned.map { Double($0) })
                csv.number(Int64(study.counts.failed))
                csv.number(study.updatedMs)
                csv.endRow()
            }
            try console.write(String(decoding: csv.bytes, as: UTF8.self))
        case .json:
            try writeJSON(console) { json in
                json.array { json in
                    for study in studies { json.object { write(study, &$0) } }
                }
            }
        }
        return 0
    }

    private func write(_ study: StudyRecord, _ json: inout JSONWriter) {
        field(&json, "id", Int(study.id))
        field(&json, "study", study.spec.name)
        field(&json, "identity", study.spec.identity)
        field(&json, "status", study.status.rawValue)
        field(&json, "trials", study.counts.trials)
        json.key("planned")
        json.value(study.spec.planned.map { Double($0) })
        field(&json, "failed", study.counts.failed)
        json.key("created_ms")
        json.value(study.createdMs)
        json.key("changed_ms")
        json.value(study.updatedMs)
    }
}

extension StudyRecord {
    /// Trials that are done, of all searches together, and of how many while it is not.
    ///
    /// A study that is done may have fewer than were asked for: the space was used up.
    fileprivate var progress: String {
        let done = grouped(counts.trials)
        guard status != .done, let planned = spec.planned else { return done }
        return done + " of " + grouped(planned)
    }
}

/// The study that a command is about.
struct StudyArgument: ParsableArguments {
    @Argument(help: ArgumentHelp("A study: its name, its start, or its id.", valueName: "study"))
    var study: String

    /// The database and the study in it.
    ///
    /// - Throws: 66 if there is none of the name.
    func find() throws(Diagnosis) -> (store: StudyStore, study: StudyRecord) {
        guard let store = try StudyStore.reading(try StudyBook.folder()) else {
            throw Diagnosis(
                .noInput, kind: "study.missing", subject: "study \(escaped(study))",
                reason: "there are no studies yet", hint: "lot optimize makes them")
        }
        return (store, try store.find(study))
    }
}

/// `lot optimize show`: what a study found, from the database.
struct OptimizeShowCommand: Command {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Print what a study found.",
        discussion: """
            Nothing is run: what is printed is what the study printed when it was done. Of one that
            is not, the best trials so far.

            Examples:
              lot optimize show 3
              lot optimize show sma_cross-BTCUSDT-1h-551c --format json
            """)

    @OptionGroup var argument: StudyArgument
    @OptionGroup(title: "General") var global: GlobalOptions

    func execute(_ console: Console) throws(Diagnosis) -> Int32 {
        let (store, study) = try argument.find()
        if let summary = study.summary.flatMap(StudySummary.init) {
            try console.write(console.format == .json ? summary.document : summary.text)
            return 0
        }
        let trials = try StoredTrials(study)
        let top = try store.top(10, of: study)
        switch console.format {
        case .table: try console.write(trials.table(top))
        case .csv, .json: try console.write(trials.csv(top))
        }
        console.note(
            "\(study.status.rawValue): \(counted(study.counts.trials, "trial")) so far")
        return 0
    }
}

/// `lot optimize export`: every trial of a study as CSV.
struct OptimizeExportCommand: Command {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Write every trial of a study as comma-separated values.",
        discussion: """
            Examples:
              lot optimize export 3 > trials.csv
              lot optimize export sma_cross-BTCUSDT-1h-551c --output trials.csv
            """)

    @OptionGroup var argument: StudyArgument

    @Option(
        help: ArgumentHelp("File to write (default: standard output).", valueName: "file"),
        completion: .file(extensions: ["csv"]))
    var output: String?

    @Flag(help: "Let the export take the place of a file that is there.")
    var replace = false

    @OptionGroup(title: "General") var global: GlobalOptions

    func execute(_ console: Console) throws(Diagnosis) -> Int32 {
        let (store, study) = try argument.find()
        let trials = try StoredTrials(study)
        guard let output else {
            try console.write(String(decoding: trials.header, as: UTF8.self))
            try trials.rows(store) { bytes throws(Diagnosis) in
                try console.write(String(decoding: bytes, as: UTF8.self))
            }
            return 0
        }
        try NewFile.prepare(output, replaces: replace)
        var file = try StreamedFile(output)
        try file.append(trials.header)
        try trials.rows(store) { bytes throws(Diagnosis) in try file.append(bytes) }
        try file.finish()
        console.note("\(escaped(output, limit: 512)): \(counted(study.counts.trials, "trial"))")
        return 0
    }
}
