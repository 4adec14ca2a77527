import LotCore
import LotScript

extension Bench {
    /// What it costs to make a strategy of a script: a search does it for every point.
    static func scripts(_ address: SeriesAddress) throws {
        let file = try ScriptFile(name: "bench.lua", bytes: Array(BenchScripts.ruleCross.utf8))
        var nodes = 0
        let count = 500
        let seconds = median {
            for index in 0..<count {
                let script = try? ScriptStrategy(
                    file, parameters: [("fast", String(5 + index % 46))], address: address)
                nodes += script?.strategy.program.nodes.count ?? 0
            }
        }
        report(
            "a strategy of rules from its script",
            short(seconds * 1e6 / Double(count)) + " µs  [\(nodes)]")
        let again = try SearchedScript(file, address: address)
        let repeated = median {
            for index in 0..<count {
                let made = try? again.rules([("fast", String(5 + index % 46))])
                nodes += made?.program.nodes.count ?? 0
            }
        }
        report(
            "rules of a set, from a script that is loaded",
            short(repeated * 1e6 / Double(count)) + " µs  [\(nodes)]")
    }
}
