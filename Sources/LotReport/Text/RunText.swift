import LotCore

/// Parts of a run in words, shared by the terminal table and the report.
enum RunText {
    /// The settings, instrument and data of a run as label and value, in a fixed order.
    static func settings(_ result: RunResult) -> [(String, String)] {
        let settings = result.settings
        let currency = result.data.address.quoteCurrency
        let limit = settings.volumeLimit.map { NumberText.percent($0) + " of the bar" } ?? "off"
        let walked = result.data.detail ?? result.portfolio.first?.data.detail
        let detail = walked.map { $0.address.interval.name } ?? "none"
        let common = [
            ("Starting cash", NumberText.fixed(settings.startingCash, 2) + " " + currency),
            ("Maker fee", fee(result, settings.makerFee, \.makerFee)),
            ("Taker fee", fee(result, settings.takerFee, \.takerFee)),
            ("Fee tiers", settings.feeTiers?.description ?? "none"),
            ("Slippage", slippage(settings.slippage)),
            ("Volume limit", limit),
            ("Missing bars", settings.gaps.rawValue),
            ("Limit orders fill", settings.fillOnTouch ? "on touch" : "when traded through"),
            ("Path inside a bar", settings.intrabar.rawValue),
            ("Finer bars", detail),
            ("Latency", String(settings.latency) + " ms"),
            ("Seed", String(settings.seed)),
            ("Year", NumberText.shortest(settings.daysPerYear) + " days"),
            ("Market", result.instrument.market.rawValue),
        ]
        guard result.portfolio.isEmpty else {
            let most = settings.maxOpenPositions.map { grouped($0) } ?? "no limit"
            return common + [
                ("Symbols", grouped(result.portfolio.count)), ("Positions at once", most),
            ] + perpetual(result)
        }
        let own = [
            ("Tick size", result.instrument.tickSize?.description ?? "unknown"),
            ("Lot size", result.instrument.lotSize?.description ?? "unknown"),
            ("Min quantity", optional(result.instrument.minQuantity)),
            ("Min notional", optional(result.instrument.minNotional)),
        ]
        return common + own + perpetual(result)
    }

    /// A rate, or from the smallest to the largest of the symbols' own.
    private static func fee(
        _ result: RunResult, _ rate: Double, _ own: (SymbolTerms) -> Double
    ) -> String {
        range(result, rate, own) { NumberText.percent($0, decimals: 3) }
    }

    private static func leverage(_ result: RunResult) -> String {
        range(result, result.settings.perpetual.leverage, \.leverage, NumberText.shortest)
    }

    private static func range(
        _ result: RunResult, _ value: Double, _ own: (SymbolTerms) -> Double,
        _ text: (Double) -> String
    ) -> String {
        let values = result.portfolio.map { own($0.terms) }
        guard let least = values.min(), let most = values.max(), least < most else {
            return text(value)
        }
        return text(least) + " to " + text(most)
    }

    /// What concerns perpetuals, as label and value; nothing on spot.
    private static func perpetual(_ result: RunResult) -> [(String, String)] {
        guard let data = perpetualData(result) else { return [] }
        let settings = result.settings.perpetual
        let funding =
            settings.chargesFunding
            ? counted(data.payments, "payment") + " in the window" : "not charged"
        let common = [
            ("Leverage", leverage(result)),
            ("Margin", settings.margin.rawValue),
            ("Position mode", settings.positionMode.rawValue),
            ("Funding", funding),
        ]
        // Tables, fees and mark prices are each symbol's own.
        guard result.portfolio.isEmpty else { return common }
        let first = settings.tiers(result.instrument)[0]
        return common + [
            ("Maintenance margin", "from " + NumberText.percent(first.rate) + " of notional"),
            (
                "Liquidation fee",
                NumberText.percent(settings.liquidationFee(result.instrument), decimals: 3)
            ),
            ("Mark price", data.markDigest == nil ? "the traded price" : "stored series"),
        ]
    }

    /// What stands beside the bars of a perpetual; of several, their payments together.
    private static func perpetualData(_ result: RunResult) -> PerpetualIdentity? {
        let parts = result.portfolio.compactMap(\.data.perpetual)
        guard var data = result.data.perpetual ?? parts.first else { return nil }
        if !parts.isEmpty { data.payments = parts.reduce(0) { $0 + $1.payments } }
        return data
    }

    /// A perpetual's terms in one line; `nil` on spot.
    static func terms(_ result: RunResult) -> String? {
        guard let data = perpetualData(result) else { return nil }
        let settings = result.settings.perpetual
        let mode = settings.positionMode == .hedge ? ", hedge mode" : ""
        let funding =
            settings.chargesFunding
            ? counted(data.payments, "funding payment") : "without funding"
        return "perpetual, leverage \(leverage(result)), "
            + "\(settings.margin.rawValue) margin\(mode), \(funding)"
    }

    /// The counts that say how far the result can be trusted, in words.
    static func counters(_ result: RunResult) -> [(String, String)] {
        let counters = result.counters
        var rows = [
            ("Ambiguous bars", grouped(counters.ambiguousBars)),
            ("Missing bars", grouped(counters.missingBars)),
            ("Contradicting rules", grouped(counters.conflicts)),
            ("Volume-limited fills", grouped(counters.volumeLimitedFills)),
            ("Orders", grouped(counters.orders)),
            ("Fills", grouped(counters.fills)),
        ]
        if result.instrument.market == .perp {
            rows.append(("Liquidations", grouped(counters.liquidations)))
            rows.append(("Funding payments", grouped(counters.fundings)))
        }
        for (reason, count) in counters.sortedRejections {
            rows.append(("Rejected: " + reason, grouped(count)))
        }
        for (reason, count) in counters.expirations.sorted(by: { $0.key < $1.key }) {
            rows.append(("Expired: " + reason, grouped(count)))
        }
        return rows
    }

    /// `2024-01-01 – 2024-06-30`, the first and last bar of the window.
    static func period(_ data: DataIdentity) -> String {
        CivilTime.text(data.firstTime) + " – " + CivilTime.text(data.lastTime)
    }

    /// `fast=10 slow=30`, or nothing.
    static func parameters(_ strategy: StrategyIdentity) -> String {
        strategy.parameters.map { "\($0.name)=\($0.value)" }.joined(separator: " ")
    }

    /// What a run was put together from.
    static func stitching(_ stitching: Stitching) -> String {
        let path = stitching.paths > 1 ? ", path \(stitching.path) of \(stitching.paths)" : ""
        let count = stitching.stretches.count
        return "out of sample: \(grouped(count)) \(count == 1 ? "stretch" : "stretches") of study "
            + escaped(String(stitching.study.prefix(8))) + path
    }

    private static func slippage(_ slippage: Slippage) -> String {
        switch slippage {
        case .none: "none"
        case .basisPoints(let points): NumberText.shortest(points) + " bp"
        case .halfSpread(let points): "half of " + NumberText.shortest(points) + " bp"
        case .volumeShare: slippage.description
        }
    }

    private static func optional(_ value: Double?) -> String {
        value.map(NumberText.shortest) ?? "unknown"
    }
}

extension RunCounters {
    /// Refused orders by reason, sorted by reason: a dictionary's own order is not repeatable.
    var sortedRejections: [(key: String, value: Int)] {
        rejections.sorted { $0.key < $1.key }
    }
}
