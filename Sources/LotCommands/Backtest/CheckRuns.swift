import LotCore
import LotEngine
import LotReport
import LotScript

extension BacktestCommand {
    /// `--check`: re-runs on truncated data instead of a report.
    ///
    /// - Returns: 0 if every run is proved, else 1.
    func checkRuns(
        _ requests: [RunRequest], _ threads: Int, _ console: Console
    ) throws(Diagnosis) -> Int32 {
        guard !cache, !report, output == nil, assertions.isEmpty else {
            throw usage(
                "--check", "writes no run",
                hint: "leave out --cache, --report, --output and --assert")
        }
        var reports: [(RunRequest, CheckReport)] = []
        for request in requests {
            reports.append((request, try BacktestCommand.check(request, threads)))
        }
        switch console.format {
        case .json:
            try writeJSON(console) { json in
                json.object { json in
                    field(&json, "schema", "lot.check/1")
                    json.key("runs")
                    json.array { json in
                        for (request, report) in reports {
                            json.object { CheckText.write(request, report, into: &$0) }
                        }
                    }
                }
            }
        case .table, .csv:
            for (request, report) in reports {
                try console.write(CheckText.table(request, report))
            }
        }
        for (request, report) in reports {
            if let warning = CheckText.warning(report) {
                console.note("lot: warning: \(request.label): \(warning)")
            }
            if let (finding, difference) = report.firstDifference {
                console.fail(CheckText.diagnosis(request, report, finding, difference))
            }
        }
        return reports.allSatisfy(\.1.isPassed) ? 0 : ExitCode.failed.rawValue
    }
}

extension BacktestCommand {
    private static func check(
        _ request: RunRequest, _ threads: Int
    ) throws(Diagnosis) -> CheckReport {
        guard request.parts.isEmpty else {
            let plan = try PortfolioPlan(request)
            let sources = plan.plans.map { ($0.source, $0.request) }
            return try checkHonesty(plan.input, threads: threads) { () throws(Diagnosis) in
                var strategies: [any Strategy] = []
                for (source, part) in sources {
                    strategies.append(try BacktestPlan.strategy(source, part).strategy)
                }
                return strategies
            }
        }
        let plan = try BacktestPlan(request)
        let source = plan.source
        return try checkHonesty(plan.input, threads: threads) { () throws(Diagnosis) in
            try BacktestPlan.strategy(source, request).strategy
        }
    }
}

/// What `--check` found, in words and as JSON.
private enum CheckText {
    static func table(_ request: RunRequest, _ report: CheckReport) -> String {
        var text = request.label + "\n"
        for kind in CheckKind.allCases {
            let findings = report.findings.filter { $0.kind == kind }
            if findings.isEmpty {
                text += "  \(title(kind)): too few bars to cut\n"
                continue
            }
            let failed = findings.filter(\.isDifferent)
            let verdict =
                failed.isEmpty
                ? proof(kind, findings, report)
                : "\(failed.count) of \(counted(findings.count, "run")) decided something else"
            text += "  \(title(kind)): \(verdict)\n"
            for finding in failed.prefix(3) {
                if case .differs(let difference) = finding.verdict {
                    text += "    cut at \(CivilTime.text(finding.time)): "
                    text += words(difference) + "\n"
                }
            }
        }
        let count = counted(report.findings.count, "re-run")
        return text + (report.isPassed ? "passed: " : "FAILED: ") + count + "\n"
    }

    private static func title(_ kind: CheckKind) -> String {
        switch kind {
        case .again: "the same run again"
        case .end: "bars cut off at the end"
        case .start: "bars cut off at the start"
        case .late: "first decision later"
        }
    }

    private static func proof(
        _ kind: CheckKind, _ findings: [CheckFinding], _ report: CheckReport
    ) -> String {
        let runs = counted(findings.count, "run")
        let unjudged = findings.count { if case .notJudged = $0.verdict { true } else { false } }
        switch kind {
        case .again: return "every order, trade, line and close is the same"
        case .end: return "\(runs), each the same up to its end: nothing knew what came later"
        case .start:
            let digits = findings.reduce(0) { $0 + $1.lastDigits }
            var rest = unjudged == 0 ? "" : ", \(unjudged) not judged"
            if digits > 0 {
                rest += "; \(counted(digits, "decision")) hung on the last digit of a number"
            }
            if unjudged == findings.count { return runs + rest }
            return "\(runs), the same decisions after \(counted(report.settlingBars, "bar"))"
                + " (warm-up \(grouped(report.warmUp)))" + rest
        case .late:
            let most = findings.map(\.settlingBars).max() ?? 0
            let rest = unjudged == 0 ? "" : ", \(unjudged) never flat together: not judged"
            if unjudged == findings.count { return "\(runs), never flat together: not judged" }
            return "\(runs), the same decisions within \(counted(most, "bar"))\(rest)"
        }
    }

    private static func words(_ difference: RunDifference) -> String {
        "\(CivilTime.text(difference.time)): \(difference.what): with all bars "
            + "\(difference.expected); here \(difference.found)"
    }

    /// What a run that passes should still know: its first decisions were taken before the series
    /// had forgotten where the data begin.
    static func warning(_ report: CheckReport) -> String? {
        let settling =
            report.findings.filter { $0.kind == .start && $0.isSettled }
            .map(\.settlingBars).max() ?? 0
        guard report.isPassed, settling > report.history else { return nil }
        return "the series depend on where the data begin for \(counted(settling, "bar")), the "
            + "first decision has \(grouped(report.history)) behind it: start the run later, or "
            + "import earlier bars"
    }

    static func diagnosis(
        _ request: RunRequest, _ report: CheckReport, _ finding: CheckFinding,
        _ difference: RunDifference
    ) -> Diagnosis {
        let cut = CivilTime.text(finding.time)
        let (reason, hint) =
            switch finding.kind {
            case .again:
                ("the same run again decided something else", "it depends on memory or time")
            case .end:
                (
                    "without the bars from \(cut) on, it decided something else before them",
                    "a decision knew what came later"
                )
            case .start:
                (
                    "without the bars before \(cut), it decided something else "
                        + "\(counted(finding.distance, "bar")) later",
                    finding.isSettled
                        ? "it looks back further than the warm-up of its series"
                        : "its series never forget where the data begin: shorten them, or use more "
                            + "data"
                )
            case .late:
                (
                    "deciding from \(cut) on, it does not come to decide the same",
                    report.hasRules
                        ? "rules keep nothing: what the account could pay for decides what follows"
                        : "ctx.state or math.random carries what happened before into every "
                            + "decision"
                )
            }
        return Diagnosis(
            .failed, kind: "check.\(finding.kind.rawValue)", subject: request.label,
            place: CivilTime.text(difference.time), reason: reason, hint: hint,
            details: [
                "\(difference.what) with all bars: \(difference.expected)",
                "\(difference.what) without: \(difference.found)",
            ])
    }

    static func write(
        _ request: RunRequest, _ report: CheckReport, into json: inout JSONWriter
    ) {
        field(&json, "file", request.script.split(separator: "/").last.map(String.init))
        field(&json, "series", request.title)
        json.key("passed")
        json.value(report.isPassed)
        field(&json, "warm_up_bars", report.warmUp)
        field(&json, "settling_bars", report.settlingBars)
        json.key("checks")
        json.array { json in
            for finding in report.findings {
                json.object { write(finding, into: &$0) }
            }
        }
    }

    private static func write(_ finding: CheckFinding, into json: inout JSONWriter) {
        field(&json, "kind", finding.kind.rawValue)
        json.key("cut_time")
        json.value(finding.time)
        field(&json, "settling_bars", finding.settlingBars)
        field(&json, "last_digits", finding.lastDigits)
        switch finding.verdict {
        case .same(let from):
            field(&json, "verdict", "same")
            json.key("same_from")
            json.value(from)
        case .notJudged(let reason):
            field(&json, "verdict", "not_judged")
            field(&json, "reason", reason)
        case .differs(let difference):
            field(&json, "verdict", "differs")
            json.key("first_difference")
            json.object { json in
                json.key("time")
                json.value(difference.time)
                field(&json, "what", difference.what)
                field(&json, "with_all_bars", difference.expected)
                field(&json, "without", difference.found)
            }
        }
    }
}

extension CheckFinding {
    fileprivate var isDifferent: Bool {
        if case .differs = verdict { true } else { false }
    }
}
