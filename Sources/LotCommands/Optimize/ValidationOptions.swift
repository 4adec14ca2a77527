import ArgumentParser
import LotCore
import LotOptimize

/// The flags that hold data back from the search.
struct ValidationOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Hold back what comes after a time or a fraction: 2024-01-01, 0.7.",
            valueName: "where"))
    var split: String?

    @Option(
        name: .customLong("walk-forward"),
        help: ArgumentHelp(
            "Search again and again: TRAIN/TEST[/STEP], as 180d/60d; the step is the test.",
            valueName: "lengths"))
    var walkForward: String?

    @Flag(help: "Every search of --walk-forward begins where the data begin.")
    var anchored = false

    @Option(
        help: ArgumentHelp(
            "Purged k-fold, as 5; combinatorial with so many groups held back at a time, as 6/2.",
            valueName: "groups"))
    var folds: String?

    @Option(
        help: ArgumentHelp(
            "What is left out before a stretch that is held back (default: 1d).",
            valueName: "length"))
    var purge: String?

    @Option(
        help: ArgumentHelp(
            "What is left out after it: a length, or % of the window (default: 1%).",
            valueName: "length"))
    var embargo: String?

    /// The scheme these flags describe.
    ///
    /// - Parameter window: From the first open to the last close, milliseconds since the epoch.
    /// - Returns: How data are held back.
    /// - Throws: 64 for a flag that is wrong or does not go with another.
    func scheme(_ window: Range<Int64>) throws(Diagnosis) -> ValidationScheme {
        let chosen = [
            split.map { _ in "--split" }, walkForward.map { _ in "--walk-forward" },
            folds.map { _ in "--folds" },
        ].compactMap(\.self)
        guard chosen.count <= 1 else {
            throw usage(chosen[1], "\(chosen[0]) holds data back already", hint: "keep one")
        }
        if anchored, walkForward == nil { throw usage("--anchored", "goes with --walk-forward") }
        if folds == nil,
            let extra = purge.map({ _ in "--purge" }) ?? embargo.map({ _ in "--embargo" })
        {
            throw usage(extra, "goes with --folds")
        }
        if let split { return try .split(at: splitTime(split, window)) }
        if let walkForward { return try walk(walkForward) }
        if let folds { return try crossValidation(folds, window) }
        return .none
    }

    private func splitTime(_ text: String, _ window: Range<Int64>) throws(Diagnosis) -> Int64 {
        if let fraction = parseDecimal(text) {
            guard fraction > 0, fraction < 1 else {
                throw usage("--split", "\(escaped(text)) is not a fraction between 0 and 1")
            }
            let length = Double(window.upperBound - window.lowerBound)
            let time = window.lowerBound + Int64(length * fraction)
            return time - time % millisecondsPerDay
        }
        do throws(CivilTimeError) {
            return try CivilTime.parse(text)
        } catch {
            throw usage("--split", error.reason)
        }
    }

    private func walk(_ text: String) throws(Diagnosis) -> ValidationScheme {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard (2...3).contains(parts.count) else {
            throw usage(
                "--walk-forward", "\"\(escaped(text))\" is not TRAIN/TEST",
                hint: "for example 180d/60d")
        }
        var lengths: [Int64] = []
        for part in parts { lengths.append(try length("--walk-forward", String(part))) }
        return .walkForward(
            train: lengths[0], test: lengths[1], step: lengths.count > 2 ? lengths[2] : lengths[1],
            isAnchored: anchored)
    }

    private func crossValidation(
        _ text: String, _ window: Range<Int64>
    ) throws(Diagnosis) -> ValidationScheme {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        let numbers = parts.compactMap { parseWhole($0).flatMap { Int(exactly: $0) } }
        guard numbers.count == parts.count, (1...2).contains(parts.count) else {
            throw usage(
                "--folds", "\"\(escaped(text))\" is not a number of groups",
                hint: "for example 5, or 6/2 to hold back two of six at a time")
        }
        let (groups, tested) = (numbers[0], numbers.count > 1 ? numbers[1] : 1)
        guard (2...20).contains(groups), (1..<groups).contains(tested) else {
            throw usage(
                "--folds",
                "\(escaped(text)): from 2 to 20 groups, and fewer held back than there are")
        }
        guard FoldPlan.pathCount(groups: groups, tested: tested) * groups / tested <= 500 else {
            throw usage("--folds", "\(escaped(text)) makes more than 500 folds")
        }
        let span = window.upperBound - window.lowerBound
        return .crossValidation(
            groups: groups, tested: tested, purge: try length("--purge", purge ?? "1d", of: span),
            embargo: try length("--embargo", embargo ?? "1%", of: span))
    }

    /// A length of time: `90d`, `12h`, `2w`, or a percentage of something.
    private func length(
        _ flag: String, _ text: String, of whole: Int64? = nil
    ) throws(Diagnosis) -> Int64 {
        if let whole, text.hasSuffix("%"), let percent = parseDecimal(text.dropLast()) {
            guard (0...50).contains(percent) else {
                throw usage(
                    flag, "\(escaped(text)) is not from 0% to 50% of the window",
                    hint: "give less, or a length such as 12h")
            }
            return Int64(Double(whole) * percent / 100)
        }
        let units: [(String, Int64)] = [
            ("m", 60_000), ("h", 3_600_000), ("d", millisecondsPerDay),
            ("w", 7 * millisecondsPerDay),
        ]
        if whole != nil, text == "0" { return 0 }
        for (unit, milliseconds) in units where text.hasSuffix(unit) {
            guard let count = parseWhole(text.dropLast()), (1...1_000_000).contains(count) else {
                break
            }
            return Int64(count) * milliseconds
        }
        throw usage(
            flag, "\"\(escaped(text))\" is not a length of time",
            hint: whole == nil
                ? "for example 180d or 12h" : "for example 12h, 2d, or 1% of the window")
    }
}
