import ArgumentParser
import LotCore
import LotData
import LotReport

/// `lot data generate`: a synthetic series.
struct DataGenerateCommand: Command {
    static let configuration = CommandConfiguration(
        commandName: "generate",
        abstract: "Generate a synthetic series with volatility clustering, the same for a seed.",
        discussion: """
            Examples:
              lot data generate --as test:GENUSDT:1m --rows 1051200 --seed 1
              lot data generate --as test.perp:GENUSDT:1h --rows 8760 --funding
            """)

    @Option(help: ArgumentHelp("The series, for example test:GENUSDT:1m.", valueName: "series"))
    var `as`: String

    @Option(help: ArgumentHelp("Number of bars.", valueName: "n"))
    var rows: String

    @Option(help: ArgumentHelp("Seed of the random numbers.", valueName: "n"))
    var seed: String = "1"

    @Option(help: ArgumentHelp("Time of the first bar.", valueName: "time"))
    var start: String = "2023-01-01"

    @Flag(help: "Generate the perpetual's funding rates too, every eight hours.")
    var funding = false

    @Flag(help: "Let rows take the place of stored ones that differ.")
    var replace = false

    @OptionGroup(title: "General") var global: GlobalOptions

    func execute(_ console: Console) throws(Diagnosis) -> Int32 {
        let address = try parseAddress("--as", self.as)
        var rates: FundingAddress?
        if funding {
            guard address.market == .perp else {
                throw usage(
                    "--funding", "\(address) is no perpetual",
                    hint: "for example --as test.perp:\(address.symbol):\(address.name)")
            }
            rates = try? FundingAddress(exchange: address.exchange, symbol: address.symbol)
        }
        guard let count = parseWhole(rows), (1...100_000_000).contains(count) else {
            throw usage("--rows", "\"\(escaped(rows))\" is not a number from 1 to 100000000")
        }
        guard let seed = parseWhole(seed) else {
            throw usage("--seed", "\"\(escaped(seed))\" is not a whole number, 0 or more")
        }
        let first: Int64
        do throws(CivilTimeError) {
            first = try CivilTime.parse(start)
        } catch {
            throw usage("--start", error.reason)
        }
        guard address.interval.isOnGrid(first) else {
            throw usage(
                "--start", "\(CivilTime.text(first)) is not on the grid of \(address.interval)",
                hint: "give a multiple of the interval")
        }
        let workspace = try global.workspace()
        let store = workspace.store
        var results: [(address: DatasetAddress, outcome: CommitOutcome)] = []
        let outcome = try store.generate(
            address, rows: Int(count), seed: seed, start: first, replace: replace)
        results.append((.bars(address), outcome))
        if let rates {
            let outcome = try store.generate(rates, over: address, seed: seed, replace: replace)
            results.append((.funding(rates), outcome))
        }
        KlineCatalogue(workspace, console).update(results.map(\.address))
        try render(results, console)
        return 0
    }

    private func render(
        _ results: [(address: DatasetAddress, outcome: CommitOutcome)], _ console: Console
    ) throws(Diagnosis) {
        switch console.format {
        case .json:
            try writeJSON(console) { json in
                json.object { json in
                    field(&json, "schema", "lot.generate/1")
                    DataGenerateCommand.write(results[0], &json)
                    guard results.count > 1 else { return }
                    json.key("funding")
                    json.object { json in DataGenerateCommand.write(results[1], &json) }
                }
            }
        case .csv:
            try console.write("series,rows_added,rows_replaced,rows\n")
            for (address, outcome) in results {
                try console.write(
                    "\(address),\(outcome.added),\(outcome.replaced),\(outcome.rows)\n")
            }
        case .table:
            for (address, outcome) in results {
                let what = address.bars == nil ? "synthetic funding" : "synthetic bar"
                try console.write(
                    "\(address): \(counted(outcome.added, what)) added, "
                        + "\(counted(outcome.rows, "row"))\n")
            }
        }
    }

    private static func write(
        _ result: (address: DatasetAddress, outcome: CommitOutcome), _ json: inout JSONWriter
    ) {
        field(&json, "series", result.address.description)
        field(&json, "rows_added", result.outcome.added)
        field(&json, "rows_replaced", result.outcome.replaced)
        field(&json, "rows", result.outcome.rows)
    }
}
