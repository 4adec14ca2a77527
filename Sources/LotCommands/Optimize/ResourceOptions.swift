import ArgumentParser
import LotCore

/// The flags about what a study takes of the machine.
struct ResourceOptions: ParsableArguments {
    @Flag(
        help: ArgumentHelp(
            "Say how long the study would take and how much memory, from a small part of it; "
                + "nothing is written."))
    var estimate = false

    @Option(
        name: .customLong("max-memory"),
        help: ArgumentHelp(
            "Most memory that the study may take, as 2G: fewer threads, smaller batches.",
            valueName: "size"))
    var maxMemory: String?

    /// The limit in bytes; `nil` for none.
    func limit() throws(Diagnosis) -> Int? {
        guard let maxMemory else { return nil }
        guard let bytes = parseSize(maxMemory) else {
            throw usage(
                "--max-memory", "\"\(escaped(maxMemory))\" is not a size",
                hint: "for example 512M or 2G; units are K, M, G, T")
        }
        guard bytes >= 0x1p20 else {
            throw usage(
                "--max-memory", "\(escaped(maxMemory)) is less than 1M",
                hint: "for example 512M or 2G")
        }
        guard bytes <= 0x1p50 else {
            throw usage(
                "--max-memory", "\(escaped(maxMemory)) is more than 1024T",
                hint: "leave it out to limit nothing")
        }
        return Int(bytes)
    }
}
