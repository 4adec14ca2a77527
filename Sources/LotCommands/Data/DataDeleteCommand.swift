import ArgumentParser
import Glibc
import LotCore
import LotData
import LotReport

/// `lot data delete`: stored series, for good.
struct DataDeleteCommand: Command {
    static let configuration = CommandConfiguration(
        commandName: "delete",
        abstract: "Delete stored series; asks first.",
        discussion: """
            Example:
              lot data delete binance:BTCUSDT:1h --yes
            """)

    @Argument(
        help: ArgumentHelp("The series to delete.", valueName: "series"),
        completion: Completion.series)
    var series: [String]

    @Flag(name: [.customShort("y"), .long], help: "Delete without asking.")
    var yes = false

    @OptionGroup(title: "General") var global: GlobalOptions

    func execute(_ console: Console) throws(Diagnosis) -> Int32 {
        let workspace = try global.workspace()
        let store = workspace.store
        var addresses: [DatasetAddress] = []
        for text in series {
            let address = try parseDataset("series", text)
            guard !addresses.contains(address) else {
                throw usage("series", "\(address) given twice", hint: "keep one of them")
            }
            guard try store.exists(address) else { throw store.missing(address) }
            addresses.append(address)
        }
        let isConfirmed = yes ? true : try confirmed(addresses, store)
        guard isConfirmed else {
            console.note("nothing deleted")
            return ExitCode.failed.rawValue
        }
        var deleted: [DeletedSeries] = []
        var failure: Diagnosis?
        for address in addresses where failure == nil {
            do throws(Diagnosis) {
                deleted.append(try store.delete(address))
            } catch {
                failure = error
            }
        }
        KlineCatalogue(workspace, console).update(deleted.map(\.address))
        try render(deleted, console)
        if let failure { throw failure }
        return 0
    }

    /// Asks on the terminal; without one there is nobody to ask.
    private func confirmed(
        _ addresses: [DatasetAddress], _ store: KlineStore
    ) throws(Diagnosis) -> Bool {
        guard isatty(STDIN_FILENO) == 1 else {
            throw usage(
                "--yes", "missing, and there is no terminal to ask on",
                hint: "add --yes to delete " + addresses.map(\.description).joined(separator: " "))
        }
        let stored = try store.list()
        for address in addresses {
            var line = address.description
            if let summary = stored.first(where: { $0.address == address }),
                let first = summary.firstTime, let last = summary.lastTime
            {
                line += ": \(counted(summary.rows, "row")), \(CivilTime.text(first)) to "
                line += CivilTime.text(last)
            }
            Console.put(line + "\n", STDERR_FILENO)
        }
        Console.put("Delete for good? [y/N] ", STDERR_FILENO)
        let answer = (readLine() ?? "").lowercased()
        return answer == "y" || answer == "yes"
    }

    private func render(_ deleted: [DeletedSeries], _ console: Console) throws(Diagnosis) {
        switch console.format {
        case .json:
            try writeJSON(console) { json in
                json.object { json in
                    field(&json, "schema", "lot.delete/1")
                    json.key("deleted")
                    json.array { json in
                        for series in deleted {
                            json.object(inline: true) { json in
                                field(&json, "series", series.address.description)
                                field(&json, "rows", series.rows)
                                field(&json, "bytes", Int(series.bytes))
                            }
                        }
                    }
                }
            }
        case .csv:
            var text = "series,rows,bytes\n"
            for series in deleted {
                text += "\(series.address),\(series.rows.map { String($0) } ?? ""),"
                text += "\(series.bytes)\n"
            }
            try console.write(text)
        case .table:
            for series in deleted {
                let rows = series.rows.map { counted($0, "row") } ?? "damaged"
                try console.write(
                    "\(series.address): deleted (\(rows), \(counted(Int(series.bytes), "byte")))\n")
            }
        }
    }
}
