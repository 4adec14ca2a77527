import ArgumentParser
import LotCore

/// The flags that say which bars a run is over.
struct SeriesOptions: ParsableArguments {
    @Option(
        name: [.customShort("d"), .long],
        help: ArgumentHelp(
            "The series, for example binance:BTCUSDT:1h; may be given again.",
            valueName: "series"))
    var data: [String] = []

    @Option(help: ArgumentHelp("Exchange, with -p and -i instead of --data.", valueName: "name"))
    var exchange: String?

    @Option(
        name: [.customShort("p"), .long],
        help: ArgumentHelp(
            "Symbol: BTCUSDT or BTC/USDT; several with commas, or given again.",
            valueName: "symbol"))
    var pairs: [String] = []

    @Option(
        name: [.customShort("i"), .long],
        help: ArgumentHelp("Length of the bars: 1m, 1h, 1d.", valueName: "interval"))
    var timeframe: String?

    @Option(
        help: ArgumentHelp(
            "First and end day: 20240101-20240601; either side may be left out.",
            valueName: "range"))
    var timerange: String?

    @Option(help: ArgumentHelp("First time, included: 2024-01-01[T09:00].", valueName: "time"))
    var start: String?

    @Option(help: ArgumentHelp("End time, excluded.", valueName: "time"))
    var end: String?

    @Option(
        help: ArgumentHelp(
            "A stretch of time, 2024-01-01..2024-06-01; given again, a run for each.",
            valueName: "range"))
    var window: [String] = []

    /// The series these flags name, in their order.
    func addresses() throws(Diagnosis) -> [SeriesAddress] {
        let parts = [
            exchange.map { _ in "--exchange" }, pairs.isEmpty ? nil : "--pairs",
            timeframe.map { _ in "--timeframe" },
        ].compactMap(\.self)
        if !data.isEmpty, let extra = parts.first {
            throw usage(extra, "--data names the series already", hint: "keep one of them")
        }
        var addresses: [SeriesAddress] = []
        for text in data { addresses.append(try spotOnly(parseAddress("--data", text))) }
        for symbol in pairs.flatMap({ $0.split(separator: ",", omittingEmptySubsequences: false) })
        {
            addresses.append(try address(symbol: String(symbol)))
        }
        guard !addresses.isEmpty else {
            throw usage(
                "--data", "no series given",
                hint: "for example --data binance:BTCUSDT:1h; lot data list shows what is stored")
        }
        for address in addresses where address.price == .mark {
            throw usage(
                "--data", "\(address): nobody trades at the mark price",
                hint: "use the bars of trades, \(address.interval) instead of \(address.name)")
        }
        for (index, address) in addresses.enumerated()
        where addresses[..<index].contains(address) {
            throw usage(data.isEmpty ? "--pairs" : "--data", "\(address) given twice")
        }
        return addresses
    }

    /// The series of a symbol, with `--exchange` and `--timeframe`.
    private func address(symbol: String) throws(Diagnosis) -> SeriesAddress {
        guard let timeframe else {
            throw usage("--timeframe", "missing", hint: "for example -i 1h")
        }
        guard let interval = Interval(timeframe) else {
            throw usage("--timeframe", SeriesAddressError.badInterval(timeframe).reason)
        }
        let (name, market) = try source(exchange ?? "binance")
        let address: SeriesAddress
        do throws(SeriesAddressError) {
            address = try SeriesAddress(
                exchange: name, market: market, symbol: symbol, interval: interval)
        } catch {
            throw usage(error.isSymbol ? "--pairs" : "--exchange", error.reason)
        }
        return try spotOnly(address)
    }

    /// The stretches of time to run over, at least one.
    func ranges() throws(Diagnosis) -> [TimeRange] {
        let single = try range()
        if window.isEmpty { return [single] }
        guard single == TimeRange() else {
            throw usage(
                "--window", "--start, --end and --timerange say the same",
                hint: "keep one form")
        }
        var ranges: [TimeRange] = []
        for text in window {
            let range = try parseWindow(text)
            guard !ranges.contains(range) else {
                throw usage("--window", "\"\(escaped(text))\" given twice", hint: "keep one")
            }
            ranges.append(range)
        }
        return ranges
    }

    private func parseWindow(_ text: String) throws(Diagnosis) -> TimeRange {
        let bytes = Array(text.utf8)
        let dots = bytes.indices.dropLast().first { bytes[$0] == 0x2e && bytes[$0 + 1] == 0x2e }
        guard let dots else {
            throw usage(
                "--window", "\"\(escaped(text))\" is not a range",
                hint: "write 2024-01-01..2024-06-01, 2024-01-01.. or ..2024-06-01")
        }
        let first = String(decoding: bytes[..<dots], as: UTF8.self)
        let end = String(decoding: bytes[(dots + 2)...], as: UTF8.self)
        var range = TimeRange()
        if !first.isEmpty { range.start = try time("--window", first) }
        if !end.isEmpty { range.end = try time("--window", end) }
        if let start = range.start, let end = range.end, start >= end {
            throw usage(
                "--window",
                "\(CivilTime.text(start)) is not before the end, "
                    + CivilTime.text(end))
        }
        return range
    }

    /// The time range, `start` included, `end` excluded, in milliseconds since the epoch.
    private func range() throws(Diagnosis) -> TimeRange {
        var result = TimeRange()
        if let timerange {
            if start != nil || end != nil {
                throw usage(
                    "--timerange", "--start and --end say the same", hint: "keep one form")
            }
            let parts = timerange.split(separator: "-", omittingEmptySubsequences: false)
            guard parts.count == 2, !(parts[0].isEmpty && parts[1].isEmpty) else {
                throw usage(
                    "--timerange", "\"\(escaped(timerange))\" is not a range",
                    hint: "write 20240101-20240601, 20240101- or -20240601")
            }
            result.start = try parts[0].isEmpty ? nil : time("--timerange", String(parts[0]))
            result.end = try parts[1].isEmpty ? nil : time("--timerange", String(parts[1]))
        } else {
            if let start { result.start = try time("--start", start) }
            if let end { result.end = try time("--end", end) }
        }
        if let first = result.start, let end = result.end, first >= end {
            throw usage(
                timerange == nil ? "--start" : "--timerange",
                "\(CivilTime.text(first)) is not before the end, \(CivilTime.text(end))")
        }
        return result
    }

    private func source(_ text: String) throws(Diagnosis) -> (String, Market) {
        let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2 else { return (text, .spot) }
        guard let market = Market(rawValue: String(parts[1])) else {
            throw usage("--exchange", SeriesAddressError.badMarket(String(parts[1])).reason)
        }
        return (String(parts[0]), market)
    }

    /// Perpetuals need margin and funding, which a spot account does not have: refused, rather
    /// than simulated wrongly.
    private func spotOnly(_ address: SeriesAddress) throws(Diagnosis) -> SeriesAddress {
        guard address.market == .spot else {
            throw usage(
                "--data", "\(address): backtests of perpetuals are not supported",
                hint: "margin, funding and liquidation are not simulated yet; use spot data")
        }
        return address
    }

    private func time(_ flag: String, _ text: String) throws(Diagnosis) -> Int64 {
        do throws(CivilTimeError) {
            return try CivilTime.parse(text)
        } catch {
            throw usage(flag, error.reason)
        }
    }
}

extension SeriesAddressError {
    /// Whether the symbol is at fault.
    fileprivate var isSymbol: Bool {
        if case .badSymbol = self { true } else { false }
    }
}
