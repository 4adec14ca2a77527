import ArgumentParser
import LotCore
import LotData
import LotOptimize

/// The flags that make a command of CI fail.
struct GateOptions: ParsableArguments {
    @Option(
        name: .customLong("assert"),
        help: ArgumentHelp(
            "Exit with 1 unless it holds: a metric of the best, oos_ and a metric, pbo, dsr, …",
            valueName: "condition"))
    var assertions: [String] = []

    @Option(
        help: ArgumentHelp(
            "Exit with 1 where the study is worse than this one: study.json of an earlier study.",
            valueName: "file"), completion: .file(extensions: ["json"]))
    var baseline: String?

    @Option(
        help: ArgumentHelp(
            "By which fraction it may be worse than --baseline.", valueName: "fraction"))
    var tolerance: String?

    @Option(
        help: ArgumentHelp("Write what held and what did not as JUnit XML.", valueName: "file"))
    var junit: String?

    /// Every option about the end of a study: these, and `--write-params`.
    static let words: Set = [
        "--assert", "--baseline", "--tolerance", "--junit", "--write-params",
    ]

    /// Reads the flags and the baseline, before anything runs.
    ///
    /// - Throws: 64 for a flag, 66 or 65 for the baseline.
    func gate(_ setup: StudySetup) throws(Diagnosis) -> StudyGate {
        var conditions: [Assertion] = []
        for text in assertions {
            let condition = try Assertion(text, metrics: StudyFindings.names)
            if setup.scheme == .none,
                condition.metric.hasPrefix("oos_") || condition.metric == "walk_forward_efficiency"
            {
                throw usage(
                    "--assert", "\(condition.metric) needs data that are held back",
                    hint: "add --split, --walk-forward or --folds")
            }
            conditions.append(condition)
        }
        guard let baseline else {
            if tolerance != nil { throw usage("--tolerance", "goes with --baseline") }
            return StudyGate(conditions: conditions, baseline: [], junit: junit)
        }
        guard let allowed = parseDecimal(tolerance ?? "0"), allowed >= 0 else {
            throw usage(
                "--tolerance", "\"\(escaped(tolerance ?? ""))\" is not a fraction, 0 or more")
        }
        return StudyGate(
            conditions: conditions,
            baseline: try BaselineCheck.read(baseline, setup, tolerance: allowed), junit: junit)
    }
}

/// A figure of an earlier study that this one must reach.
struct BaselineCheck: Sendable {
    /// The name of the figure: of the target, or `oos_` and the target.
    let name: String
    /// What the earlier study has.
    let value: Double
    /// Whether larger is better.
    let isMaximised: Bool
    /// By which fraction of `value` it may be worse.
    let tolerance: Double

    /// The worst value that is accepted.
    var bound: Double {
        isMaximised ? value - tolerance * abs(value) : value + tolerance * abs(value)
    }

    /// Whether a figure is good enough; one that is undefined never is.
    func holds(for found: Double?) -> Bool {
        guard let found else { return false }
        return isMaximised ? found >= bound : found <= bound
    }

    /// The checks that a `study.json` gives.
    ///
    /// - Throws: 66 or 65 for the file; 65 where it has another target.
    static func read(
        _ path: String, _ setup: StudySetup, tolerance: Double
    ) throws(Diagnosis) -> [BaselineCheck] {
        let subject = escaped(path, limit: 512)
        let bytes = try InputFile.read(path, limit: 64 << 20, followsLinks: true)
        let json: JSONValue
        do throws(JSONError) {
            json = try JSONReader.parse(bytes)
        } catch {
            throw Diagnosis(
                .data, kind: "baseline", subject: subject, place: "byte \(error.offset)",
                reason: error.reason)
        }
        let target = setup.objective.targets[0]
        guard json["schema"]?.text == StudyJSON.schema, let measures = json["measures"] else {
            throw Diagnosis(
                .data, kind: "baseline", subject: subject, reason: "is no study.json",
                hint: "lot optimize writes one into studies/<name>/")
        }
        guard
            json["spec"]?["targets"]?[target.expression.text]?.text
                == (target.isMaximised ? "max" : "min")
        else {
            throw Diagnosis(
                .data, kind: "baseline", subject: subject,
                reason: "was made for another target than \(escaped(target.expression.text))",
                hint: "give a study with the same --target")
        }
        if setup.scheme == .none, measures["oos_target"]?.double != nil {
            let scheme = json["spec"]?["validation"]?.text.map { ", " + escaped($0) } ?? ""
            throw usage(
                "--baseline",
                "\(subject) has figures out of sample\(scheme); this study holds no data back",
                hint: "add the --split, --walk-forward or --folds of that study, or give one "
                    + "that held nothing back")
        }
        return ["target", "oos_target"].compactMap { name in
            guard let value = measures[name]?.double else { return nil }
            return BaselineCheck(
                name: name, value: value, isMaximised: target.isMaximised, tolerance: tolerance)
        }
    }
}
