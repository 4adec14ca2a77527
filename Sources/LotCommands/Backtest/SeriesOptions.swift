import ArgumentParser
import LotCore

/// The flags that say which bars a run is over.
struct SeriesOptions: ParsableArguments {
    @Option(
        name: [.customShort("d"), .long],
        help: ArgumentHelp("The series, for example binance:BTCUSDT:1h.", valueName: "series"))
    var data: String?

    @Option(help: ArgumentHelp("Exchange, with -p and -i instead of --data.", valueName: "name"))
    var exchange: String?

    @Option(
        name: [.customShort("p"), .long],
        help: ArgumentHelp("Symbol: BTCUSDT or BTC/USDT.", valueName: "symbol"))
    var pairs: String?

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

    /// The series these flags name.
    func address() throws(Diagnosis) -> SeriesAddress {
        let parts = [
            exchange.map { _ in "--exchange" }, pairs.map { _ in "--pairs" },
            timeframe.map { _ in "--timeframe" },
        ].compactMap(\.self)
        if let data {
            if let extra = parts.first {
                throw usage(extra, "--data names the series already", hint: "keep one of them")
            }
            let address: SeriesAddress
            do throws(SeriesAddressError) {
                address = try SeriesAddress(parsing: data)
            } catch {
                throw usage("--data", error.reason)
            }
            return try spotOnly(address)
        }
        guard let pairs, let timeframe else {
            throw usage(
                "--data", "no series given",
                hint: "for example --data binance:BTCUSDT:1h; lot data list shows what is stored")
        }
        guard !pairs.contains(","), !pairs.contains(" ") else {
            throw usage("--pairs", "one symbol per run", hint: "run once for each")
        }
        guard let interval = Interval(timeframe) else {
            throw usage("--timeframe", SeriesAddressError.badInterval(timeframe).reason)
        }
        let (name, market) = try source(exchange ?? "binance")
        let address: SeriesAddress
        do throws(SeriesAddressError) {
            address = try SeriesAddress(
                exchange: name, market: market, symbol: pairs, interval: interval)
        } catch {
            throw usage(error.isSymbol ? "--pairs" : "--exchange", error.reason)
        }
        return try spotOnly(address)
    }

    /// The time range, `start` included, `end` excluded, in milliseconds since the epoch.
    func range() throws(Diagnosis) -> (start: Int64?, end: Int64?) {
        var result: (start: Int64?, end: Int64?) = (nil, nil)
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
