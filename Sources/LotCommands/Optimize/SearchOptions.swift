import ArgumentParser
import LotCore
import LotEngine
import LotOptimize
import LotScript

/// The flags that say what is tried.
struct SearchOptions: ParsableArguments {
    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp(
            "Range of a parameter: NAME MIN MAX [STEP], NAME VALUE, or the names of a choice.",
            valueName: "range"))
    var parameter: [String] = []

    @Option(
        help: ArgumentHelp(
            "Ranges from a TOML file (docs/optimize.md); --parameter goes before it.",
            valueName: "file"),
        completion: .file(extensions: ["toml"]))
    var space: String?

    @Option(
        name: .customLong("where"),
        help: ArgumentHelp(
            "What must hold between parameters, as \"fast < slow\"; may be given again.",
            valueName: "condition"))
    var conditions: [String] = []

    @Option(
        help: ArgumentHelp(
            "grid, random, sobol, tpe, cmaes, nsga2 (default: grid if it has no more points than "
                + "--trials, else tpe; nsga2 for several targets; random with --halving).",
            valueName: "name"),
        completion: .list(SamplerKind.allCases.map(\.rawValue)))
    var sampler: String?

    @Option(
        help: ArgumentHelp(
            "Points to try in each search (default: the whole grid, or 1000).", valueName: "n"))
    var trials: Int?

    @Option(
        name: .customLong("search-seed"),
        help: ArgumentHelp("Seed of the search; the same seed, the same points.", valueName: "n"))
    var seed: UInt64 = 0

    @Option(
        help: ArgumentHelp(
            "Successive halving: all points on a first part of the data, one in so many of them "
                + "on so many times as much, and so on (docs/optimize-samplers.md).",
            valueName: "factor"))
    var halving: Int?

    @Option(
        help: ArgumentHelp(
            "Rounds of --halving, the last one over all of the data (default: 4).",
            valueName: "n"))
    var rungs: Int?

    /// Most points of a search with --halving: all of a round are in memory.
    private static let mostHalved = 1_000_000

    /// Most points of one search.
    static let mostTrials = 100_000_000

    /// What these flags make of the parameters that a script declares.
    func searched(_ declared: [DeclaredParameter], _ fixed: [(String, String)], _ file: String)
        throws(Diagnosis) -> (space: SearchSpace, fixed: [(String, String)])
    {
        var builder = SpaceBuilder(declared, file: file)
        for (name, _) in fixed { builder.drop(name) }
        if let space { try builder.narrow(file: space) }
        for range in try ranges(declared, file) {
            guard !fixed.contains(where: { $0.0 == range.name }) else {
                throw usage(
                    "--parameter", "\(escaped(range.name)) is fixed with --param", hint: "keep one")
            }
            try builder.narrow(range.name, range.words, flag: "--parameter")
        }
        return (try builder.finish(), fixed + builder.fixed)
    }

    /// The words of `--parameter`, cut where a name begins.
    private func ranges(
        _ declared: [DeclaredParameter], _ file: String
    ) throws(Diagnosis) -> [(name: String, words: [String])] {
        var ranges: [(name: String, words: [String])] = []
        for word in parameter.flatMap({ $0.split(separator: " ").map(String.init) }) {
            let isName = declared.contains { $0.name == word }
            if isName, ranges.last.map({ !$0.words.isEmpty }) ?? true {
                guard !ranges.contains(where: { $0.name == word }) else {
                    throw usage("--parameter", "\(escaped(word)) given twice", hint: "keep one")
                }
                ranges.append((word, []))
            } else if ranges.isEmpty {
                throw SpaceBuilder.unknown(word, declared, flag: "--parameter", file)
            } else {
                ranges[ranges.count - 1].words.append(word)
            }
        }
        if let last = ranges.last, last.words.isEmpty {
            throw usage(
                "--parameter", "\(escaped(last.name)) has no range",
                hint: "for example --parameter \(escaped(last.name)) 5 50 5")
        }
        return ranges
    }

    /// The rounds of successive halving; `nil` without `--halving`.
    ///
    /// - Throws: 64 for numbers that make no rounds, and for samplers that need every answer.
    func rounds(_ kind: SamplerKind, candidates: Int) throws(Diagnosis) -> SuccessiveHalving? {
        guard let halving else {
            if rungs != nil { throw usage("--rungs", "goes with --halving") }
            return nil
        }
        guard SamplerKind.modelFree.contains(kind) else {
            throw usage(
                "--halving", "\(kind.rawValue) learns from every trial, over all of the data",
                hint: "--sampler random, sobol or grid")
        }
        guard (2...1_000).contains(halving) else {
            throw usage("--halving", "\(halving) is not a factor from 2 to 1,000")
        }
        let count = rungs ?? 4
        guard (2...20).contains(count) else {
            throw usage("--rungs", "\(count) is not a number of rounds from 2 to 20")
        }
        guard candidates <= SearchOptions.mostHalved else {
            throw usage(
                "--halving", "\(grouped(candidates)) points: at most 1,000,000",
                hint: "give fewer --trials")
        }
        guard candidates >= halving else {
            throw usage(
                "--halving", "\(grouped(candidates)) points cannot be divided by \(halving)",
                hint: "give more --trials, or leave --halving out")
        }
        var least = 1.0
        for _ in 1..<count { least /= Double(halving) }
        return try SuccessiveHalving(
            candidates: candidates, reduction: halving, leastShare: least, subject: "--halving")
    }

    /// The conditions between parameters, as one filter.
    func filter(_ space: SearchSpace) throws(Diagnosis) -> [Condition] {
        var result: [Condition] = []
        for text in conditions { result.append(try Condition(text, space)) }
        return result
    }

    /// The sampler asked for, or what suits the space.
    func kind(_ space: SearchSpace, targets: Int) throws(Diagnosis) -> SamplerKind {
        if let trials, !(1...SearchOptions.mostTrials).contains(trials) {
            throw usage("--trials", "\(trials) is not a number of trials from 1 to 100,000,000")
        }
        guard let sampler else {
            if targets > 1, halving == nil { return .nsga2 }
            if space.gridCount.map({ $0 <= trials ?? 1_000 }) == true { return .grid }
            return halving == nil ? .tpe : .random
        }
        guard let kind = SamplerKind(rawValue: sampler) else {
            let names = SamplerKind.allCases.map(\.rawValue)
            throw usage(
                "--sampler", "\"\(escaped(sampler))\" is no sampler",
                hint: nearest(to: sampler, in: names).map { "did you mean \"\($0)\"?" }
                    ?? "known: " + names.joined(separator: ", "))
        }
        return kind
    }
}
