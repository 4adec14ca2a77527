import LotCore
import LotData
import LotReport
import LotScript
import LotStore

/// A run's folder, opened: its manifest is there and says what the folder should hold.
struct StoredRun {
    /// The folder, as the user will read it.
    let path: String
    /// Its last part.
    let name: String
    /// `manifest.json`.
    let manifest: JSONValue
    /// The run's identity.
    let id: String
    /// The hashes of its files by name, in the manifest's order.
    let outputs: [(name: String, sha256: String)]
    /// The hash of its page; `nil` if none was drawn.
    let page: String?

    /// Opens a run's folder.
    ///
    /// - Throws: 66 if it holds no manifest, 65 if that cannot be understood.
    init(_ path: String) throws(Diagnosis) {
        self.path = path
        name = path.split(separator: "/").last.map(String.init) ?? path
        let file = path + "/manifest.json"
        let subject = escaped(file, limit: 512)
        guard InputFile.exists(file) else {
            let isStudy = InputFile.exists(path + "/study.json")
            throw Diagnosis(
                .noInput, kind: "run.none", subject: escaped(path, limit: 512),
                reason: "is no run's folder: there is no manifest.json in it",
                hint: isStudy
                    ? "it is a study's: lot optimize show \(escaped(name, limit: 128))"
                    : "lot backtest writes runs into reports/, lot report list shows them")
        }
        manifest = try StoredRun.json(file, subject)
        guard manifest["schema"]?.text == Manifest.schema else {
            throw Diagnosis(
                .data, kind: "manifest", subject: subject, reason: "is no \(Manifest.schema)",
                hint: "it was written by another version of lot; run the backtest again")
        }
        guard let id = manifest["id"]?.text, id.utf8.count == 64 else {
            throw Diagnosis(
                .data, kind: "manifest", subject: subject, place: "id", reason: "is no SHA-256")
        }
        self.id = id
        outputs = (manifest["outputs"]?.members ?? []).compactMap { member in
            member.value.text.map { (member.name, $0) }
        }
        page = manifest["page"]?.text
    }

    /// Finds a run by its folder, its name in the reports folder, or the start of its name or
    /// identity.
    ///
    /// - Throws: 66 if there is none, 64 if there are several.
    static func find(_ text: String, in workspace: Workspace) throws(Diagnosis) -> StoredRun {
        let folder = text.hasSuffix("/") && text.count > 1 ? String(text.dropLast()) : text
        if InputFile.isFolder(folder) { return try StoredRun(folder) }
        let names = InputFile.names(in: workspace.reports).filter { !$0.hasPrefix(".") }
        if names.contains(text) { return try StoredRun(workspace.reports + "/" + text) }
        let found = names.filter { name in
            name.hasPrefix(text)
                || text.utf8.count >= 4 && name.split(separator: "-").last?.hasPrefix(text) == true
        }
        guard let only = found.first, !text.isEmpty else {
            if let folder = try elsewhere(text, workspace) { return try StoredRun(folder) }
            throw Diagnosis(
                .noInput, kind: "run.missing", subject: escaped(text, limit: 256),
                reason: "no such run in \(escaped(workspace.reports, limit: 256))",
                hint: "lot report list shows those there are")
        }
        guard found.count == 1 else {
            throw usage(
                escaped(text, limit: 256), "several runs begin like that",
                hint: "give more of the name: " + found.prefix(4).joined(separator: ", "))
        }
        return try StoredRun(workspace.reports + "/" + only)
    }

    /// The folder of a run of the workspace that the database knows, by the start of its name or
    /// of its identity.
    ///
    /// - Throws: 64 if there are several, 66 if the folder is gone.
    private static func elsewhere(
        _ text: String, _ workspace: Workspace
    ) throws(Diagnosis) -> String? {
        guard text.utf8.count >= 4, let state = try? StudyBook.folder(),
            let runs = try? RunStore(state).runs(of: InputFile.absolute(workspace.root))
        else { return nil }
        let found = runs.filter { run in
            run.runID.hasPrefix(text)
                || run.folder.split(separator: "/").last?.hasPrefix(text) == true
        }
        guard let only = found.first else { return nil }
        let subject = escaped(text, limit: 256)
        guard found.count == 1 else {
            let folders = found.prefix(4).map { escaped($0.folder, limit: 256) }
            throw usage(
                subject, "several runs begin like that",
                hint: "name the folder: " + folders.joined(separator: ", "))
        }
        guard InputFile.exists(only.folder + "/manifest.json") else {
            throw Diagnosis(
                .noInput, kind: "run.gone", subject: subject,
                reason: "its folder is gone: \(escaped(only.folder, limit: 512))",
                hint: "bring it back, or run the backtest again")
        }
        return only.folder
    }

    /// The bytes of one of its files.
    func file(_ name: String) throws(Diagnosis) -> [UInt8] {
        try InputFile.read(path + "/" + name)
    }

    /// The files that are missing or are not what the manifest says, with the reason.
    ///
    /// - Complexity: O(bytes of the folder).
    func damage() -> [(name: String, reason: String)] {
        var damaged: [(String, String)] = []
        if outputs.isEmpty { damaged.append(("manifest.json", "names no files")) }
        if page == nil, InputFile.exists(path + "/" + RunFolder.pageName) {
            damaged.append((RunFolder.pageName, "the manifest has no hash of it"))
        }
        for (name, hash) in outputs + (page.map { [(RunFolder.pageName, $0)] } ?? []) {
            guard let bytes = try? file(name) else {
                damaged.append((name, "missing"))
                continue
            }
            if sha256Hex(bytes) != hash { damaged.append((name, "not what the run wrote")) }
        }
        for entry in manifest["inputs"]?["strategy"]?["files"]?.elements ?? [] {
            guard let name = entry["name"]?.text else { continue }
            let stored = RunFolder.strategyFolder + "/" + name
            guard let bytes = try? file(stored) else {
                damaged.append((stored, "missing"))
                continue
            }
            if sha256Hex(bytes) != entry["sha256"]?.text {
                damaged.append((stored, "not the script that ran"))
            }
        }
        return damaged
    }

    /// The metrics by key, in the order of the report; `nil` where one is undefined.
    func metrics() throws(Diagnosis) -> [MetricValue] {
        let result = try StoredRun.json(
            path + "/result.json", escaped(path + "/result.json", limit: 512))
        return (result["metrics"]?.members ?? []).map { MetricValue($0.name, $0.value.double) }
    }

    /// What went into it.
    func inputs() throws(Diagnosis) -> ManifestInputs {
        try ManifestInputs(manifest, subject: escaped(path + "/manifest.json", limit: 512))
    }

    /// The run that would repeat it.
    ///
    /// - Parameters:
    ///   - workspace: Where its data are.
    ///   - script: A script in place of the one that the folder keeps.
    /// - Returns: A request whose run has the same manifest, if nothing has changed.
    /// - Throws: 65 if the manifest cannot be understood.
    func request(in workspace: Workspace, script: String? = nil) throws(Diagnosis) -> RunRequest {
        let inputs = try inputs()
        var run = RunRequest(
            workspace: workspace,
            script: script ?? path + "/" + RunFolder.strategyFolder + "/" + inputs.file,
            parameters: inputs.parameters, address: inputs.address, origins: inputs.origins,
            range: inputs.range,
            settings: inputs.settings, instrument: inputs.instrument,
            // A run that once came to its end does so again, on a slower machine too.
            limits: ScriptLimits(callMilliseconds: 60_000, memoryBytes: 1 << 30),
            detail: inputs.detail)
        guard !inputs.portfolio.isEmpty else {
            run.stitch = inputs.stitch
            return run
        }
        var whole = RunRequest(
            portfolio: inputs.portfolio.map { symbol in
                var part = run
                part.address = symbol.address
                part.range = symbol.range
                part.instrument = symbol.instrument
                part.origins = symbol.origins
                part.detail = symbol.detail
                part.settings.take(symbol.terms)
                return part
            })
        whole.stitch = inputs.stitch
        return whole
    }

    private static func json(_ path: String, _ subject: String) throws(Diagnosis) -> JSONValue {
        let bytes = try InputFile.read(path)
        do throws(JSONError) {
            return try JSONReader.parse(bytes)
        } catch {
            throw Diagnosis(
                .data, kind: "json", subject: subject, place: "byte \(error.offset)",
                reason: error.reason, hint: "the file is damaged; run the backtest again")
        }
    }
}

/// The values of a JSON document by the path to each, for comparing two.
func flattened(_ value: JSONValue, _ path: String = "") -> [(path: String, text: String)] {
    switch value {
    case .object(let members):
        return members.flatMap { member in
            flattened(member.value, path.isEmpty ? member.name : path + "." + member.name)
        }
    case .array(let elements):
        return elements.enumerated().flatMap { index, element in
            // Files of a strategy and series are known by their names, not by their places.
            let key = element["name"]?.text ?? element["series"]?.text ?? String(index)
            return flattened(element, path + "[" + key + "]")
        }
    case .null: return [(path, "null")]
    case .bool(let flag): return [(path, String(flag))]
    case .number(let text), .string(let text): return [(path, text)]
    }
}

/// A value that two documents have differently.
struct JSONDifference: Equatable {
    let path: String
    /// What the first has; `nil` if nothing.
    let old: String?
    /// What the second has; `nil` if nothing.
    let new: String?

    /// The values that differ, in the order of the first document.
    static func between(_ one: JSONValue, _ other: JSONValue) -> [JSONDifference] {
        let (left, right) = (flattened(one), flattened(other))
        let old = Dictionary(left.map { ($0.path, $0.text) }) { first, _ in first }
        let new = Dictionary(right.map { ($0.path, $0.text) }) { first, _ in first }
        var paths = left.map(\.path)
        paths += right.map(\.path).filter { old[$0] == nil }
        return paths.compactMap { path in
            old[path] == new[path]
                ? nil : JSONDifference(path: path, old: old[path], new: new[path])
        }
    }
}
