"""Makes metrics_equity.csv, metrics_trades.csv and metrics_expected.csv.

Usage: python make_metrics.py
Runs a moving-average cross with backtesting.py over bars.csv (make_indicators.py made it), and
exports its equity curve and trades. The expected values are backtesting.py's own where its
definition is ours (source "backtesting.py"), else straight from the published formulas in numpy
and pandas (source "numpy"). Needs numpy, pandas and backtesting; the tests read only the CSV
files.
"""

import csv
from pathlib import Path

import numpy as np
import pandas as pd
from backtesting import Backtest, Strategy

FOLDER = Path(__file__).parent
HOUR = 3_600_000
DAY = 86_400_000
CASH = 1_000_000


class Cross(Strategy):
    def init(self):
        close = pd.Series(np.asarray(self.data.Close, float))
        self.fast = close.rolling(12).mean().to_numpy()
        self.slow = close.rolling(40).mean().to_numpy()

    def next(self):
        i = len(self.data) - 1
        if i < 40:
            return
        now, before = self.fast[i] > self.slow[i], self.fast[i - 1] > self.slow[i - 1]
        if now and not before:
            self.position.close()
            self.buy(size=0.9)
        elif before and not now:
            self.position.close()
            self.sell(size=0.5)


def main():
    bars = pd.read_csv(FOLDER / "bars.csv").head(2_987)  # so that the last day is not whole
    frame = pd.DataFrame(
        {name.capitalize(): bars[name].to_numpy() for name in ("open", "high", "low", "close", "volume")},
        index=pd.to_datetime(bars["open_time"], unit="ms"))
    run = Backtest(frame, Cross, cash=CASH, commission=0.001, finalize_trades=True)
    stats = run.run()
    equity = stats._equity_curve["Equity"].to_numpy(float)
    trades = stats._trades.sort_values(["EntryBar", "ExitBar"], kind="stable")
    open_time = bars["open_time"].to_numpy(np.int64)
    close = bars["close"].to_numpy(float)
    with open(FOLDER / "metrics_equity.csv", "w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["close_time", "equity", "close"])
        for t, e, c in zip(open_time, equity, close):
            writer.writerow([t + HOUR, repr(float(e)), repr(float(c))])
    entry = open_time[trades["EntryBar"].to_numpy()]
    leave = open_time[trades["ExitBar"].to_numpy()]
    with open(FOLDER / "metrics_trades.csv", "w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["side", "entry_time", "exit_time", "profit", "profit_fraction"])
        for s, a, b, p, f in zip(trades["Size"], entry, leave, trades["PnL"], trades["ReturnPct"]):
            writer.writerow(["buy" if s > 0 else "sell", a, b, repr(float(p)), repr(float(f))])
    rows = theirs(stats) + ours(bars, equity, trades, entry, leave)
    rows.append(("input_exposed_bars", round(stats["Exposure Time [%]"] / 100 * len(bars)), "input"))
    with open(FOLDER / "metrics_expected.csv", "w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["key", "value", "source"])
        for key, value, source in rows:
            writer.writerow([key, repr(float(value)), source])


def theirs(stats):
    source = "backtesting.py"
    rows = [
        ("exposure_time", stats["Exposure Time [%]"] / 100, source),
        ("equity_final", stats["Equity Final [$]"], source),
        ("equity_peak", stats["Equity Peak [$]"], source),
        ("total_return", stats["Return [%]"] / 100, source),
        ("buy_hold_return", stats["Buy & Hold Return [%]"] / 100, source),
        ("max_drawdown", -stats["Max. Drawdown [%]"] / 100, source),
        ("trades", stats["# Trades"], source),
        ("win_rate", stats["Win Rate [%]"] / 100, source),
        ("best_trade", stats["Best Trade [%]"] / 100, source),
        ("worst_trade", stats["Worst Trade [%]"] / 100, source),
        ("avg_trade", stats["Avg. Trade [%]"] / 100, source),
        ("max_trade_duration", stats["Max. Trade Duration"] / pd.Timedelta("1ms"), source),
        ("expectancy", stats["Expectancy [%]"] / 100, source),
    ]
    return rows


def ours(bars, equity, trades, entry, leave):
    open_time = bars["open_time"].to_numpy(np.int64)
    close = bars["close"].to_numpy(float)
    day = open_time // DAY  # a bar that closes at midnight belongs to the day that ends
    frame = pd.DataFrame({"day": day, "time": open_time + HOUR, "equity": equity, "close": close})
    last = frame.groupby("day").last()
    points = np.concatenate([[CASH], last["equity"].to_numpy()])
    prices = np.concatenate([[bars["open"].iloc[0]], last["close"].to_numpy()])
    times = np.concatenate([[open_time[0]], last["time"].to_numpy()])
    r, m = points[1:] / points[:-1] - 1, prices[1:] / prices[:-1] - 1
    duration = open_time[-1] + HOUR - open_time[0]
    annual = (points[-1] / points[0]) ** (365 / len(r)) - 1
    beta = np.cov(r, m, ddof=1)[0, 1] / np.var(m, ddof=1)
    drawdown = np.max(1 - equity / np.maximum.accumulate(np.maximum(equity, CASH)))
    p, f = trades["PnL"].to_numpy(float), trades["ReturnPct"].to_numpy(float)
    won, lost = f[p > 0], f[p < 0]
    rate = len(won) / len(p)
    hold = close[-1] / close[0] - 1
    depths, lengths = episodes(times, points)
    values = {
        "start_time": open_time[0], "end_time": open_time[-1] + HOUR, "duration": duration,
        "profit": equity[-1] - CASH,
        "annual_return": annual,
        "annual_volatility": np.std(r, ddof=1) * np.sqrt(365),
        "cagr": (equity[-1] / CASH) ** (365 / (duration / DAY)) - 1,
        "sharpe": np.mean(r) / np.std(r, ddof=1) * np.sqrt(365),
        "sortino": np.mean(r) / np.sqrt(np.mean(np.minimum(r, 0) ** 2)) * np.sqrt(365),
        "calmar": annual / drawdown,
        "alpha": equity[-1] / CASH - 1 - beta * hold,
        "beta": beta,
        "avg_drawdown": np.mean(depths),
        "max_drawdown_duration": np.max(lengths),
        "avg_drawdown_duration": np.mean(lengths),
        "long_trades": np.sum(trades["Size"] > 0), "short_trades": np.sum(trades["Size"] < 0),
        "wins": len(won), "losses": len(lost),
        "avg_trade_duration": np.mean(leave - entry),
        "profit_factor": p[p > 0].sum() / -p[p < 0].sum(),
        "sqn": np.sqrt(len(f)) * f.mean() / f.std(ddof=1),
        "kelly": rate - (1 - rate) / (won.mean() / -lost.mean()),
        "max_win_streak": streak(p > 0), "max_loss_streak": streak(p < 0),
    }
    return [(key, value, "numpy") for key, value in values.items()]


def streak(flags):
    text = "".join("x" if flag else " " for flag in flags)
    return max((len(part) for part in text.split()), default=0)


def episodes(times, points):
    """Depth and length of each stretch below the running peak, by pandas groups."""
    s = pd.Series(points)
    peak = s.cummax()
    under = s < peak
    depths, lengths = [], []
    for _, group in s[under].groupby((~under).cumsum()[under]):
        start = group.index[0] - 1
        end = min(group.index[-1] + 1, len(s) - 1)
        depths.append((1 - group / peak[group.index]).max())
        lengths.append(times[end] - times[start])
    return depths, lengths


main()
