public import LotCore
import Glibc

/// An exchange's rules for a symbol, with the day they were read.
public struct InstrumentRecord: Sendable, Equatable {
    /// The exchange's own spelling.
    public var symbol: String
    /// The rules.
    public var instrument: Instrument
    /// Fee of resting orders, as a fraction of notional; `nil` if it is not known.
    public var makerFee: Double?
    /// Fee of orders that take liquidity; `nil` if it is not known.
    public var takerFee: Double?
    /// The date they were read, `2024-01-31`.
    public var dateRead: String

    /// Pairs rules with their date.
    public init(
        symbol: String, instrument: Instrument, dateRead: String, makerFee: Double? = nil,
        takerFee: Double? = nil
    ) {
        self.symbol = symbol
        self.instrument = instrument
        self.dateRead = dateRead
        self.makerFee = makerFee
        self.takerFee = takerFee
    }
}

extension KlineStore {
    private static let instrumentsName = "instruments.json"

    /// The rules stored for a series' symbol; `nil` if there are none.
    ///
    /// - Throws: Exit code 65 if the exchange's `instruments.json` is damaged.
    ///
    /// An exchange has thousands of symbols: of a file in the form that
    /// ``setInstruments(_:exchange:)`` writes, only the symbol's own line is parsed.
    public func instrument(_ address: SeriesAddress) throws(Diagnosis) -> Instrument? {
        try instrumentRecord(address)?.instrument
    }

    /// What is stored of a series' symbol, its fees too; `nil` if there is nothing.
    ///
    /// - Throws: Exit code 65 if the exchange's `instruments.json` is damaged.
    public func instrumentRecord(
        _ address: SeriesAddress
    ) throws(Diagnosis) -> InstrumentRecord? {
        guard let bytes = try instrumentBytes(address.exchange) else { return nil }
        if let found = InstrumentRecord.line(of: address, in: bytes) { return found }
        return try parseInstruments(bytes, address.exchange).first {
            $0.symbol == address.symbol && $0.instrument.market == address.market
        }
    }

    /// Every rule stored for an exchange, in the file's order.
    public func instruments(exchange: String) throws(Diagnosis) -> [InstrumentRecord] {
        guard let bytes = try instrumentBytes(exchange) else { return [] }
        return try parseInstruments(bytes, exchange)
    }

    private func instrumentsSubject(_ exchange: String) -> String {
        "datasets/\(escaped(exchange))/\(KlineStore.instrumentsName)"
    }

    /// The file of an exchange's rules; `nil` if there is none.
    private func instrumentBytes(_ exchange: String) throws(Diagnosis) -> [UInt8]? {
        guard let top = try openRoot() else { return nil }
        do throws(SystemError) {
            let (file, size) = try top.folder(exchange).file(KlineStore.instrumentsName)
            guard size <= 1 << 26 else { throw SystemError(code: EFBIG) }
            return try file.bytes(at: 0, count: Int(size))
        } catch {
            if error.code == ENOENT { return nil }
            throw systemDiagnosis(
                error.code, subject: instrumentsSubject(exchange), doing: "reading")
        }
    }

    private func parseInstruments(
        _ bytes: [UInt8], _ exchange: String
    ) throws(Diagnosis) -> [InstrumentRecord] {
        do {
            return try InstrumentRecord.parse(bytes)
        } catch {
            throw Diagnosis(
                .data, kind: "instruments", subject: instrumentsSubject(exchange),
                place: error.offset > 0 ? "byte \(grouped(error.offset))" : nil,
                reason: error.reason, hint: "correct it, or delete it and go on without rules")
        }
    }

    /// Stores the rules of an exchange's symbols, replacing the whole file in one rename.
    public func setInstruments(
        _ records: [InstrumentRecord], exchange: String
    ) throws(Diagnosis) {
        try changeInstruments(exchange: exchange) { $0 = records }
    }

    /// Reads the rules of an exchange's symbols, changes them, and replaces the whole file.
    ///
    /// All of it under the writer's lock, so that of two that add symbols at once neither loses the
    /// other's. What is not changed is not written.
    ///
    /// - Parameters:
    ///   - exchange: Name of the exchange.
    ///   - change: Changes the records, which are in the file's order; only called with the lock.
    /// - Returns: What `change` returns.
    /// - Throws: 75 while another writer is at work, 65 if the file is damaged, 73 or 74 if it
    ///   cannot be written, and what `change` throws.
    public func changeInstruments<Report>(
        exchange: String, _ change: (inout [InstrumentRecord]) throws(Diagnosis) -> Report
    ) throws(Diagnosis) -> Report {
        let folder = try instrumentsFolder(exchange)
        let lock = try SeriesLock.take(
            KlineStore.instrumentsName + ".lock", of: instrumentsSubject(exchange), in: folder,
            files)
        defer { withExtendedLifetime(lock) {} }
        let before = try instruments(exchange: exchange)
        var records = before
        let report = try change(&records)
        if records != before { try write(records, in: folder, exchange) }
        return report
    }

    /// The folder of an exchange, made if it is not there.
    private func instrumentsFolder(_ exchange: String) throws(Diagnosis) -> OpenFile {
        do {
            if try openRoot() == nil { try files.createFolder(path: root) }
            let top = try OpenFile.folder(path: root)
            if try top.status(of: exchange) == nil { try files.createFolder(top, exchange) }
            return try top.folder(exchange)
        } catch {
            throw writing(error, exchange)
        }
    }

    private func write(
        _ records: [InstrumentRecord], in folder: OpenFile, _ exchange: String
    ) throws(Diagnosis) {
        let temporary = KlineStore.instrumentsName + ".tmp"
        do {
            if try folder.status(of: temporary) != nil {
                try files.removeFile(folder, temporary)
            }
            let file = try files.createFile(folder, temporary)
            try files.write(InstrumentRecord.json(records), to: file, at: 0)
            try files.sync(file)
            try files.rename(folder, temporary, KlineStore.instrumentsName)
            try files.sync(folder)
        } catch {
            throw writing(error, exchange)
        }
    }

    private func writing(_ error: any Error, _ exchange: String) -> Diagnosis {
        if let diagnosis = error as? Diagnosis { return diagnosis }
        return systemDiagnosis(
            (error as? SystemError)?.code ?? EIO, subject: instrumentsSubject(exchange),
            doing: "writing")
    }
}
