import LotCore
import LotMath
import LotOptimize

extension LuckText {
    /// Each statistic as a study's page has it: name, value, and a sentence of what it says.
    var sentences: [[String]] {
        count + sharpe + [crossValidation, stability] + monteCarlo
    }

    private var count: [[String]] {
        let own = [
            "Trials of this study", grouped(luck.trials),
            luck.points == luck.trials
                ? "Parameter sets that ran: so many chances to be lucky."
                : "Runs of parameter sets, some of them of one set: see the next line.",
        ]
        let points = [
            "Distinct points", grouped(luck.points),
            "Different parameter sets among them: so many chances to be lucky, since a set that "
                + "is tried again gives what it gave.",
        ]
        let counts = luck.points == luck.trials ? [own] : [own, points]
        return counts + [
            [
                "Trials of earlier studies", grouped(luck.earlierTrials),
                "Of the same script on the same data: they count as chances, too.",
            ],
            [
                "Trials that differ", shortText(luck.effectiveTrials),
                "Independent trials that would be as many chances, by how returns go together.",
            ],
        ]
    }

    private var sharpe: [[String]] {
        let year = luck.periodsPerYear.squareRoot()
        let bar = decimals(luck.deflated.benchmark * year, 2)
        return [
            [
                "Sharpe ratio of the best", decimals(luck.evidence.sharpe * year, 2),
                "A year, over the \(grouped(luck.evidence.count)) days that the search saw.",
            ],
            [
                "Probabilistic Sharpe ratio", percent(luck.probabilistic),
                "Probability that the true one is above 0, had this been the only trial; "
                    + "95 % is convincing.",
            ],
            [
                "Deflated Sharpe ratio", percent(luck.deflated.probability),
                "Probability that it is above \(bar), which the best of so many trials without "
                    + "merit shows; 95 % is convincing.",
            ],
            [
                "Minimum track record", days(luck.trackRecord),
                "Days that tell such a Sharpe ratio from 0 at 95 %; there are "
                    + "\(grouped(luck.evidence.count)).",
            ],
        ]
    }

    private var crossValidation: [String] {
        let name = "Probability of overfitting"
        guard let found = luck.overfitting else {
            return [name, "–", "Not computed: \(luck.obstacle ?? "there is nothing to compare")."]
        }
        let sample =
            found.trials + found.excluded < luck.points
            ? " Computed from a sample of \(grouped(found.trials)) trials." : ""
        return [
            name, percent(found.probability),
            "How often the best of half the days is not above the median in the other half; "
                + "below 20 % is good, 50 % is no better than dice.\(sample)",
        ]
    }

    private var stability: [String] {
        let near = luck.stability
        guard near.neighbours > 0 else {
            return ["Stability", "–", "No trial is near the best: nothing is known of its peak."]
        }
        return [
            "Stability", percent(near.plateau),
            "So much of the target is kept by \(counted(near.neighbours, "trial")) near the best; "
                + "the worst falls by \(percent(near.worstFall)). 80 % is a plateau, not a spike.",
        ]
    }

    private var monteCarlo: [[String]] {
        var rows: [[String]] = []
        if let days = luck.bootstrap {
            rows += [
                [
                    "Total return, bootstrap", band(days.totalReturn),
                    "Nine of ten of \(grouped(days.resamples)) resamples of the days, in blocks "
                        + "of \(shortText(days.blockLength)) on average.",
                ],
                ["Sharpe ratio, bootstrap", plainBand(days.sharpe), "The same nine of ten."],
                [
                    "Max drawdown, bootstrap", band(days.maxDrawdown),
                    "At day closes: what the same days in another order could have cost.",
                ],
                [
                    "Loss, bootstrap", percent(days.lossProbability),
                    "So many of the resamples end below the start.",
                ],
            ]
        }
        if let trades = luck.shuffled {
            rows.append([
                "Max drawdown, trade shuffle", band(trades.maxDrawdown),
                "Nine of ten other orders of its \(counted(trades.trades, "trade")); the run's "
                    + "own is \(percent(trades.actualDrawdown)), and "
                    + "\(percent(trades.deeperShare)) fall deeper.",
            ])
        }
        if let trades = luck.redrawn {
            rows.append([
                "Total return, trades redrawn", band(trades.totalReturn),
                "Nine of ten draws of as many trades, some of them twice; "
                    + "\(percent(trades.lossProbability)) lose.",
            ])
        }
        return rows
    }
}
