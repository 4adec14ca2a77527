import LotCore
import LotOptimize

/// What CI asks of a study.
struct StudyGate: Sendable {
    let conditions: [Assertion]
    let baseline: [BaselineCheck]
    let junit: String?

    /// Checks all, says what does not hold, and writes the JUnit file.
    ///
    /// - Returns: Whether all hold.
    func check(
        _ findings: StudyFindings, _ measures: [StudyMeasure], _ name: String, _ console: Console
    ) throws(Diagnosis) -> Bool {
        var cases: [JUnitCase] = []
        for condition in conditions {
            let value = findings.measure(condition.metric)
            cases.append(
                JUnitCase(
                    name: condition.text,
                    failure: condition.holds(for: value)
                        ? nil : "\(condition.metric) is \(StudyGate.text(value))"))
        }
        for check in baseline {
            let value = measures.first { $0.name == check.name }?.value
            let side = check.isMaximised ? ">=" : "<="
            cases.append(
                JUnitCase(
                    name: "\(check.name) \(side) \(check.bound) (baseline \(check.value))",
                    failure: check.holds(for: value)
                        ? nil : "\(check.name) is \(StudyGate.text(value))"))
        }
        for one in cases {
            guard let failure = one.failure else {
                console.detail("assert: \(escaped(one.name, limit: 200)): holds")
                continue
            }
            console.fail(
                Diagnosis(
                    .failed, kind: "assert", subject: "--assert",
                    place: escaped(one.name, limit: 200), reason: "does not hold: \(failure)"))
        }
        // That nothing was chosen ends the command as a failure of its own; a report must show it.
        if findings.best == nil {
            cases.append(
                JUnitCase(
                    name: "a trial meets every constraint",
                    failure: "none of \(counted(findings.tally.ran, "trial"))"))
        }
        if let junit { try NewFile.replace(junit, JUnitCase.document(name, cases)) }
        return cases.allSatisfy { $0.failure == nil }
    }

    private static func text(_ value: Double?) -> String { value.map { "\($0)" } ?? "undefined" }
}

/// One check as the test report of a CI system shows it.
struct JUnitCase: Sendable {
    let name: String
    /// Why it failed; `nil` if it did not.
    let failure: String?

    /// How such a report begins.
    private static let head =
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites><testsuite name=\"lot optimize "

    /// Whether bytes are such a report.
    static func isDocument(_ bytes: [UInt8]) -> Bool {
        bytes.starts(with: head.utf8)
    }

    /// A whole report in the XML that JUnit's Ant task began and CI systems read.
    static func document(_ suite: String, _ cases: [JUnitCase]) -> String {
        let failures = cases.count { $0.failure != nil }
        var text = head + "\(xml(suite))\" "
        text += "tests=\"\(cases.count)\" failures=\"\(failures)\" errors=\"0\" skipped=\"0\">\n"
        for one in cases {
            text += "  <testcase classname=\"lot.optimize\" name=\"\(xml(one.name))\""
            if let failure = one.failure {
                text += "><failure message=\"\(xml(failure))\"/></testcase>\n"
            } else {
                text += "/>\n"
            }
        }
        return text + "</testsuite></testsuites>\n"
    }

    /// Text of an attribute: what XML 1.0 does not allow is shown as `\xNN`.
    private static func xml(_ text: String) -> String {
        var result = ""
        for scalar in escaped(text, limit: 4_096).unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
