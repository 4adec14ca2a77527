import LotCore
import LotMath
import LotOptimize

/// The statistics of overfitting as people read them.
struct LuckText {
    let luck: LuckReport

    init(_ luck: LuckReport) { self.luck = luck }

    var text: String {
        var table = TextTable(["How much of the best is luck", "", ""], numbers: [1])
        for row in rows { table.add(["  " + row[0]] + row.dropFirst()) }
        return table.text + "\n" + luck.verdict.joined(separator: "\n") + "\n"
    }

    /// Each statistic: name, value, meaning.
    var rows: [[String]] {
        var table: [[String]] = []
        let trials = luck.trials + luck.earlierTrials
        let earlier =
            luck.earlierTrials > 0
            ? ", \(grouped(luck.earlierTrials)) of them in earlier studies" : ""
        table.append(["Trials", grouped(trials), "on these data with this script\(earlier)"])
        if luck.points < luck.trials {
            table.append([
                "Distinct points", grouped(luck.points + luck.earlierTrials),
                "\(grouped(luck.points)) here: what was tried again is no further chance",
            ])
        }
        table.append([
            "Trials that differ", shortText(luck.effectiveTrials),
            "by how their returns go together",
        ])
        table.append(["Probabilistic Sharpe", percent(luck.probabilistic), "Sharpe ratio above 0"])
        let bar = luck.deflated.benchmark * luck.periodsPerYear.squareRoot()
        table.append([
            "Deflated Sharpe", percent(luck.deflated.probability),
            "above \(shortText(bar)), the best of so many by luck",
        ])
        table.append([
            "Minimum track record", days(luck.trackRecord),
            "to tell it from 0 at 95 %; there are \(grouped(luck.evidence.count)) d",
        ])
        if let found = luck.overfitting {
            table.append([
                "Probability of overfitting", percent(found.probability),
                "the best of one half is below the median in the other"
                    + (found.trials + found.excluded < luck.points
                        ? ", of a sample of \(grouped(found.trials)) trials" : ""),
            ])
        } else {
            table.append(["Probability of overfitting", "–", luck.obstacle ?? ""])
        }
        let near = luck.stability
        table.append([
            "Stability", near.neighbours > 0 ? percent(near.plateau) : "–",
            near.neighbours > 0
                ? "of the target is kept by its \(counted(near.neighbours, "neighbour"))"
                : "no trial is near the best",
        ])
        addMonteCarlo(&table)
        return table
    }

    private func addMonteCarlo(_ table: inout [[String]]) {
        if let days = luck.bootstrap {
            table.append([
                "Total return, 90 % of resamples", band(days.totalReturn),
                "days drawn in blocks of \(shortText(days.blockLength))",
            ])
            table.append(["Sharpe ratio", plainBand(days.sharpe), ""])
            table.append(["Max drawdown, day closes", band(days.maxDrawdown), ""])
            table.append([
                "Loss", percent(days.lossProbability), "of the resamples end below the start",
            ])
        }
        if let trades = luck.shuffled {
            table.append([
                "Max drawdown, closed trades", band(trades.maxDrawdown),
                "the same \(counted(trades.trades, "trade")) in other orders",
            ])
        }
    }

    func percent(_ value: Double) -> String {
        guard value.isFinite else { return "–" }
        return decimals(value * 100, 1) + " %"
    }

    func band(_ band: Band) -> String {
        "\(percent(band.low)) … \(percent(band.high))"
    }

    func plainBand(_ band: Band) -> String {
        "\(decimals(band.low, 2)) … \(decimals(band.high, 2))"
    }

    func days(_ value: Double) -> String {
        value.isFinite ? grouped(Int(min(value, 1e15).rounded(.up))) + " d" : "–"
    }
}

/// A number with so many digits after the point.
func decimals(_ value: Double, _ digits: Int) -> String {
    guard value.isFinite, abs(value) < 1e15 else { return "–" }
    var scale = 1.0
    for _ in 0..<digits { scale *= 10 }
    let whole = Int((abs(value) * scale).rounded())
    let text =
        String(repeating: "0", count: max(0, digits + 1 - String(whole).count)) + String(whole)
    let sign = value < 0 && whole > 0 ? "-" : ""
    return sign + grouped(Int(text.dropLast(digits)) ?? 0)
        + (digits > 0 ? "." + text.suffix(digits) : "")
}
