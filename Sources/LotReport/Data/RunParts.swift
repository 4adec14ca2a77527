import LotCore

/// The members that `result.json` and `manifest.json` share: what went into a run.
enum RunParts {
    static func strategy(_ strategy: StrategyIdentity, into json: inout JSONWriter) {
        json.key("strategy")
        json.object { json in
            json.key("name")
            json.value(strategy.name)
            json.key("file")
            json.value(fileName(strategy.file))
            json.key("form")
            json.value(strategy.form)
            json.key("files")
            json.array { json in
                for (file, hash) in strategy.sortedHashes {
                    json.object(inline: true) { json in
                        json.key("name")
                        json.value(file)
                        json.key("sha256")
                        json.value(hash)
                    }
                }
            }
            json.key("parameters")
            json.object { json in
                for parameter in strategy.parameters {
                    json.key(parameter.name)
                    switch parameter.value {
                    case .int(let value): json.value(value)
                    case .float(let value): json.value(value)
                    case .choice(let value): json.value(value)
                    case .bool(let value): json.value(value)
                    }
                }
            }
        }
    }

    static func data(_ data: DataIdentity, into json: inout JSONWriter) {
        json.key("data")
        json.object { json in
            json.key("series")
            json.value(data.address.description)
            json.key("digest")
            json.value(data.digest)
            json.key("first_time")
            json.value(data.firstTime)
            json.key("last_time")
            json.value(data.lastTime)
            json.key("bars")
            json.value(data.bars)
            json.key("decision_bars")
            json.value(data.decisionBars)
            json.key("gaps")
            json.array { json in
                for gap in data.gaps {
                    json.object(inline: true) { json in
                        json.key("from")
                        json.value(gap.from)
                        json.key("to")
                        json.value(gap.to)
                        json.key("bars")
                        json.value(gap.bars)
                    }
                }
            }
        }
    }

    static func instrument(_ instrument: Instrument, into json: inout JSONWriter) {
        json.key("instrument")
        json.object { json in
            json.key("market")
            json.value(instrument.market.rawValue)
            json.key("tick_size")
            json.value(instrument.tickSize?.description)
            json.key("lot_size")
            json.value(instrument.lotSize?.description)
            json.key("min_quantity")
            json.value(instrument.minQuantity)
            json.key("min_notional")
            json.value(instrument.minNotional)
        }
    }

    static func settings(_ settings: RunSettings, into json: inout JSONWriter) {
        json.key("settings")
        json.object { json in
            json.key("starting_cash")
            json.value(settings.startingCash)
            json.key("maker_fee")
            json.value(settings.makerFee)
            json.key("taker_fee")
            json.value(settings.takerFee)
            json.key("slippage")
            json.value(settings.slippage.description)
            json.key("volume_limit")
            json.value(settings.volumeLimit)
            json.key("gaps")
            json.value(settings.gaps.rawValue)
            json.key("fill_on_touch")
            json.value(settings.fillOnTouch)
            json.key("intrabar")
            json.value(settings.intrabar.rawValue)
            json.key("seed")
            // A 64-bit seed does not fit the doubles that most JSON readers use: text.
            json.value(String(settings.seed))
            json.key("days_per_year")
            json.value(settings.daysPerYear)
        }
    }

    /// The last part of a path: where the user keeps a script is not part of a result.
    static func fileName(_ path: String) -> String {
        path.split(separator: "/").last.map(String.init) ?? path
    }
}
