import ArgumentParser
import LotCore
import LotData
import LotReport

/// `lot data`: what is stored.
struct DataCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "data",
        abstract: "Import, list, check, resample, export and generate market data.",
        subcommands: [
            DataImportCommand.self, DataListCommand.self, DataVerifyCommand.self,
            DataResampleCommand.self, DataExportCommand.self, DataDeleteCommand.self,
            DataInstrumentsCommand.self, DataGenerateCommand.self,
        ])
}

/// Reads a series address from a flag or argument.
func parseAddress(_ flag: String, _ text: String) throws(Diagnosis) -> SeriesAddress {
    do throws(SeriesAddressError) {
        return try SeriesAddress(parsing: text)
    } catch {
        throw usage(flag, error.reason)
    }
}

/// Reads the address of bars or of funding rates from a flag or argument.
func parseDataset(_ flag: String, _ text: String) throws(Diagnosis) -> DatasetAddress {
    do throws(SeriesAddressError) {
        return try DatasetAddress(parsing: text)
    } catch {
        throw usage(flag, error.reason)
    }
}

/// Writes one JSON value that `body` fills to standard output.
func writeJSON(
    _ console: Console, _ body: (inout JSONWriter) -> Void
) throws(Diagnosis) {
    var json = JSONWriter()
    body(&json)
    json.endLine()
    try console.write(String(decoding: json.bytes, as: UTF8.self))
}

/// Writes a field of a JSON object: a text.
func field(_ json: inout JSONWriter, _ name: String, _ value: String?) {
    json.key(name)
    json.value(value)
}

/// Writes a field of a JSON object: a whole number.
func field(_ json: inout JSONWriter, _ name: String, _ value: Int?) {
    json.key(name)
    json.value(value)
}

/// Writes holes as a field of a JSON object.
func gapsField(_ json: inout JSONWriter, _ gaps: [Gap]) {
    json.key("gaps")
    json.array { json in
        for gap in gaps {
            json.object(inline: true) { json in
                field(&json, "from", CivilTime.text(gap.from))
                field(&json, "to", CivilTime.text(gap.to))
                field(&json, "bars", gap.bars)
            }
        }
    }
}

/// Returns holes in words, the first few of them.
func gapLines(_ gaps: [Gap], of address: DatasetAddress) -> [String] {
    var lines = gaps.prefix(10).map { gap in
        let range = "gap: \(CivilTime.text(gap.from)) to \(CivilTime.text(gap.to)): "
        // How many fundings are missing depends on their interval, which has changed over time.
        guard address.bars != nil else { return range + "no funding for more than 8 hours" }
        return range + counted(gap.bars, "bar") + (gap.bars == 1 ? " is" : " are") + " missing"
    }
    if gaps.count > 10 { lines.append("… and \(counted(gaps.count - 10, "gap")) more") }
    return lines
}
