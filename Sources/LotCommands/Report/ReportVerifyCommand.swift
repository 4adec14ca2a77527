import ArgumentParser
import LotCore
import LotData
import LotReport

/// `lot report verify`: a run again, compared with what it wrote.
struct ReportVerifyCommand: Command {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Run a run again from its manifest and compare the results.",
        discussion: """
            The script is the copy that the run's folder keeps, the data are those of the
            workspace. Exit code 0: every file is what the run wrote, and the same run gives the
            same bytes. 1: something differs; it says what: the script, the data, a setting, the
            engine's version, or a file of the folder.

            Examples:
              lot report verify sma_cross-BTCUSDT-1h-3fd41c20
              lot report verify 3fd4 --strategy strategies/sma_cross.lua
            """)

    @OptionGroup var argument: RunArgument

    @Option(
        help: ArgumentHelp(
            "Run this script instead of the copy in the run's folder.", valueName: "file"))
    var strategy: String?

    @OptionGroup(title: "General") var global: GlobalOptions

    func execute(_ console: Console) throws(Diagnosis) -> Int32 {
        let workspace = try global.workspace()
        let run = try StoredRun.find(argument.run, in: workspace)
        let plan = try run.request(in: workspace, script: strategy).plan()
        let manifest = Manifest(plan.inputs, hash: sha256Hex)
        let inputs = try differences(run, manifest)
        let result = try plan.run(progress: nil).result
        let outputs = RunFolder.outputs(result)
        let verdict = Verdict(
            run: run, inputs: inputs, damage: run.damage(),
            changed: Verdict.changed(run, outputs))
        switch console.format {
        case .json: try writeJSON(console) { verdict.write(into: &$0) }
        case .csv: try console.write(verdict.csv)
        case .table: try console.write(verdict.text)
        }
        return verdict.isSame ? 0 : ExitCode.failed.rawValue
    }

    /// The inputs that are not what they were.
    private func differences(
        _ run: StoredRun, _ manifest: Manifest
    ) throws(Diagnosis) -> [JSONDifference] {
        let bytes = manifest.render(files: [])
        guard let now = try? JSONReader.parse(bytes) else {
            throw Diagnosis(
                .internalError, kind: "manifest", subject: "manifest", reason: "is no JSON")
        }
        let found = JSONDifference.between(
            run.manifest["inputs"] ?? .null, now["inputs"] ?? .null)
        guard found.isEmpty, manifest.id != run.id else { return found }
        return [JSONDifference(path: "id", old: run.id, new: manifest.id)]
    }
}

/// Whether a run is what it was, and if not, what is not.
private struct Verdict {
    let run: StoredRun
    let inputs: [JSONDifference]
    let damage: [(name: String, reason: String)]
    /// Files that the run would write otherwise now.
    let changed: [String]

    var isSame: Bool { inputs.isEmpty && damage.isEmpty && changed.isEmpty }

    /// The files of `outputs` whose hash is not in the run's manifest.
    static func changed(_ run: StoredRun, _ outputs: [RunFile]) -> [String] {
        outputs.filter { file in
            run.outputs.first { $0.name == file.name }?.sha256 != sha256Hex(file.bytes)
        }.map(\.name)
    }

    /// What kind of input a path belongs to, in words.
    private static func words(_ difference: JSONDifference) -> String {
        let change =
            "\(escaped(difference.old ?? "nothing", limit: 80)) then, "
            + "\(escaped(difference.new ?? "nothing", limit: 80)) now"
        let path = difference.path
        if path == "engine_version" { return "engine version: \(change)" }
        if path == "data.digest" { return "data changed: digest \(change)" }
        let name = path.split(separator: "[").dropFirst().first?.split(separator: "]").first
        if path.hasPrefix("data.other_series"), path.hasSuffix(".digest") {
            return "data changed: \(escaped(name ?? "?")): digest \(change)"
        }
        if path.hasPrefix("portfolio["), path.hasSuffix("].data.digest") {
            let name = path.dropFirst("portfolio[".count).dropLast("].data.digest".count)
            return "data changed: \(escaped(name, limit: 80)): digest \(change)"
        }
        if path.hasPrefix("strategy.files") {
            return "script changed: \(escaped(name ?? "?")): SHA-256 \(change)"
        }
        return "\(escaped(path, limit: 80)): \(change)"
    }

    var text: String {
        var text = "\(escaped(run.path, limit: 512))\n"
        for input in inputs where !input.path.hasSuffix(".name") {
            text += "  " + Verdict.words(input) + "\n"
        }
        for (name, reason) in damage { text += "  \(escaped(name)): \(reason)\n" }
        let same = run.outputs.map(\.name).filter { !changed.contains($0) }
        if !same.isEmpty { text += "  same when run again: \(same.joined(separator: ", "))\n" }
        if !changed.isEmpty {
            text += "  differ when run again: \(changed.joined(separator: ", "))\n"
        }
        return text + (isSame ? "same: \(run.id)\n" : "NOT the same\n")
    }

    var csv: String {
        var csv = CSVWriter(header: ["kind", "name", "then", "now"])
        for input in inputs {
            for cell in ["input", input.path, input.old ?? "", input.new ?? ""] { csv.text(cell) }
            csv.endRow()
        }
        for (name, reason) in damage {
            for cell in ["file", name, "", reason] { csv.text(cell) }
            csv.endRow()
        }
        for name in changed {
            for cell in ["result", name, "", "differs"] { csv.text(cell) }
            csv.endRow()
        }
        return String(decoding: csv.bytes, as: UTF8.self)
    }

    func write(into json: inout JSONWriter) {
        json.object { json in
            field(&json, "schema", "lot.verify/1")
            field(&json, "run", run.name)
            field(&json, "id", run.id)
            json.key("same")
            json.value(isSame)
            json.key("inputs")
            json.array { json in
                for input in inputs {
                    json.object(inline: true) { json in
                        field(&json, "path", input.path)
                        field(&json, "then", input.old)
                        field(&json, "now", input.new)
                    }
                }
            }
            json.key("damaged_files")
            json.array { json in
                for (name, reason) in damage {
                    json.object(inline: true) { json in
                        field(&json, "name", name)
                        field(&json, "reason", reason)
                    }
                }
            }
            json.key("changed_results")
            json.array { json in
                for name in changed { json.value(name) }
            }
        }
    }
}
