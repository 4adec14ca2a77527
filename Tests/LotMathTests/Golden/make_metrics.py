"""Makes metrics_equity.csv, metrics_trades.csv, metrics_expected.csv and the tables beside them.

Usage: python make_metrics.py
Runs a moving-average cross with backtesting.py over bars.csv (make_indicators.py made it), and
exports its equity curve and trades. The expected values are backtesting.py's own where its
definition is ours (source "backtesting.py"), else straight from the published formulas in numpy
and pandas (source "numpy"). Needs numpy, pandas and backtesting; the tests read only the CSV
files.
"""

import csv
import math
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
    position = held(trades, len(bars))
    write("metrics_equity.csv", ["close_time", "equity", "close", "position"],
          [[t + HOUR, e, c, q] for t, e, c, q in zip(open_time, equity, close, position)])
    entry = open_time[trades["EntryBar"].to_numpy()]
    leave = open_time[trades["ExitBar"].to_numpy()]
    # Tags, funding and ambiguity are made up: backtesting.py has none of them.
    number = np.arange(len(trades))
    trades["EntryTag"] = np.where(number % 3 == 0, "breakout", "")
    trades["ExitTag"] = np.array(["cross", "stop_loss", "cross", "end_of_data"])[number % 4]
    trades["Funding"] = (number % 5 - 1) * 0.25
    trades["Ambiguous"] = number % 7 == 2
    write("metrics_trades.csv",
          ["side", "entry_time", "exit_time", "profit", "profit_fraction", "entry_row", "exit_row",
           "entry_price", "exit_price", "quantity", "entry_tag", "exit_tag", "funding", "ambiguous"],
          [["buy" if t.Size > 0 else "sell", a, b, t.PnL, t.ReturnPct, t.EntryBar, t.ExitBar,
            t.EntryPrice, t.ExitPrice, abs(t.Size), t.EntryTag, t.ExitTag, t.Funding, int(t.Ambiguous)]
           for t, a, b in zip(trades.itertuples(), entry, leave)])
    moves = excursions(bars, trades)
    write("metrics_excursions.csv", ["mae", "mfe"], moves)
    rows = theirs(stats) + ours(bars, equity, trades, entry, leave)
    rows += more(bars, equity, trades, entry, leave, position, np.array(moves))
    rows.append(("input_exposed_bars", round(stats["Exposure Time [%]"] / 100 * len(bars)), "input"))
    write("metrics_expected.csv", ["key", "value", "source"],
          [[key, float(value), source] for key, value, source in rows])


def write(name, header, rows):
    with open(FOLDER / name, "w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        for row in rows:
            writer.writerow([repr(float(x)) if isinstance(x, (float, np.floating)) else x for x in row])


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


def held(trades, count):
    """Signed position at each bar's close."""
    position = np.zeros(count)
    for t in trades.itertuples():
        position[t.EntryBar:t.ExitBar] += t.Size
    return position


def excursions(bars, trades):
    """MAE and MFE: whole bars from the entry's to before the exit's, then the open and the exit."""
    low, high, first = (bars[name].to_numpy(float) for name in ("low", "high", "open"))
    rows = []
    for t in trades.itertuples():
        prices = [t.EntryPrice, t.ExitPrice, *low[t.EntryBar:t.ExitBar], *high[t.EntryBar:t.ExitBar]]
        if t.ExitBar > t.EntryBar:
            prices.append(first[t.ExitBar])
        down, up = 1 - min(prices) / t.EntryPrice, max(prices) / t.EntryPrice - 1
        rows.append([down, up] if t.Size > 0 else [up, down])
    return rows


def more(bars, equity, trades, entry, leave, position, moves):
    """The rest of the metrics from their formulas, and the tables, in pandas."""
    open_time = bars["open_time"].to_numpy(np.int64)
    close = bars["close"].to_numpy(float)
    frame = pd.DataFrame({"day": open_time // DAY, "time": open_time + HOUR, "equity": equity, "close": close})
    last = frame.groupby("day").last()
    points = np.concatenate([[CASH], last["equity"].to_numpy()])
    prices = np.concatenate([[bars["open"].iloc[0]], last["close"].to_numpy()])
    times = np.concatenate([[open_time[0]], last["time"].to_numpy()])
    r, m = pd.Series(points).pct_change().dropna(), pd.Series(prices).pct_change().dropna()
    p, f = trades["PnL"].to_numpy(float), trades["ReturnPct"].to_numpy(float)
    days = (open_time[-1] + HOUR - open_time[0]) / DAY
    root, n = np.sqrt(365), len(r)
    annual = (points[-1] / points[0]) ** (365 / n) - 1
    maximum = np.max(1 - equity / np.maximum.accumulate(np.maximum(equity, CASH)))
    total, hold = equity[-1] / CASH - 1, close[-1] / close[0] - 1
    # moments
    z = (r - r.mean()) / r.std(ddof=0)
    skew, kurt = (z ** 3).mean(), (z ** 4).mean()
    s = r.mean() / r.std()
    variance = 1 - skew * s + (kurt - 1) / 4 * s ** 2
    rho = abs(np.corrcoef(r[:-1], r[1:])[0, 1])
    lags = np.arange(1, n)
    penalty = np.sqrt(1 + 2 * np.sum((n - lags) / n * rho ** lags))
    low, high = np.percentile(r, 5), np.percentile(r, 95)
    logs = np.log(points[1:] / points[:-1])
    # drawdowns at day closes
    d = 1 - pd.Series(points) / pd.Series(points).cummax()
    d = d[1:]
    ulcer = np.sqrt((d ** 2).mean())
    pitfall = d[d >= np.percentile(d, 95)].mean() / r.std()
    # closed trades
    owner = np.searchsorted(times[1:], leave, side="right")  # first close after the exit bar's open
    daily = np.bincount(owner, weights=p, minlength=n)
    c = pd.Series(np.concatenate([[CASH], CASH + np.cumsum(daily)]))
    cr = c.pct_change().dropna()
    each = np.concatenate([[CASH], CASH + np.cumsum(p)])
    fall = np.max(1 - each / np.maximum.accumulate(each))
    stake = trades["Size"].abs() * trades["EntryPrice"]
    volume = (trades["Size"].abs() * (trades["EntryPrice"] + trades["ExitPrice"])).sum()
    won, lost = f[p > 0], f[p < 0]
    payoff, rate = won.mean() / -lost.mean(), len(won) / len(f)
    exposure = np.abs(position * close) / equity
    tables(times, points, prices, trades, p, f, owner, entry, leave)
    months = (r + 1).groupby(pd.to_datetime(times[1:] - 1, unit="ms").strftime("%Y-%m")).prod() - 1
    value = pd.Series(prices)
    values = {
        "trades_per_day": len(p) / days,
        "funding": trades["Funding"].sum(), "traded_volume": volume, "turnover": volume / points[1:].mean(),
        "psr": 0.5 * math.erfc(-s * np.sqrt(n - 1) / np.sqrt(variance) / np.sqrt(2)),
        "smart_sharpe": s * root / penalty,
        "omega": r[r > 0].sum() / -r[r < 0].sum(), "skewness": skew, "kurtosis": kurt,
        "tail_ratio": abs(high) / abs(low), "value_at_risk": -low,
        "conditional_value_at_risk": -r[r <= low].mean(),
        "best_day": r.max(), "worst_day": r.min(), "win_days": (r > 0).mean(),
        "risk_of_ruin": min(1, 0.5 ** (2 * logs.mean() / logs.var(ddof=1))) if logs.mean() > 0 else 1,
        "correlation": np.corrcoef(r, m)[0, 1],
        "treynor": annual / (np.cov(r, m, ddof=1)[0, 1] / np.var(m, ddof=1)),
        "tracking_error": (r - m).std() * root, "information_ratio": (r - m).mean() / (r - m).std() * root,
        "ulcer_index": ulcer, "ulcer_performance": annual / ulcer, "serenity": r.sum() / (ulcer * pitfall),
        "recovery_factor": total / maximum, "underwater_time": (d > 0).mean(),
        "closed_sharpe": cr.mean() / cr.std() * root,
        "closed_sortino": cr.mean() / np.sqrt((np.minimum(cr, 0) ** 2).mean()) * root,
        "closed_calmar": ((each[-1] / CASH) ** (365 / n) - 1) / fall, "closed_max_drawdown": fall,
        "gross_profit": p[p > 0].sum(), "gross_loss": -p[p < 0].sum(),
        "long_profit": p[trades["Size"] > 0].sum(), "short_profit": p[trades["Size"] < 0].sum(),
        "avg_win": won.mean(), "avg_loss": lost.mean(), "payoff_ratio": payoff,
        "expectancy_ratio": (1 + payoff) * rate - 1,
        "avg_win_duration": (leave - entry)[p > 0].mean(), "avg_loss_duration": (leave - entry)[p < 0].mean(),
        "avg_stake": stake.mean(), "ambiguous_profit": p[trades["Ambiguous"]].sum(),
        "avg_mae": moves[:, 0].mean(), "max_mae": moves[:, 0].max(),
        "avg_mfe": moves[:, 1].mean(), "max_mfe": moves[:, 1].max(),
        "edge_ratio": moves[:, 1].mean() / moves[:, 0].mean(),
        "avg_exposure": exposure.mean(), "max_exposure": exposure.max(),
        "buy_hold_annual_return": (1 + hold) ** (365 / n) - 1, "buy_hold_volatility": m.std() * root,
        "buy_hold_sharpe": m.mean() / m.std() * root,
        "buy_hold_sortino": m.mean() / np.sqrt((np.minimum(m, 0) ** 2).mean()) * root,
        "buy_hold_max_drawdown": (1 - value / value.cummax()).max(),
        "best_month": months.max(), "worst_month": months.min(), "win_months": (months > 0).mean(),
    }
    return [(key, value, "numpy") for key, value in values.items()]


def tables(times, points, prices, trades, p, f, owner, entry, leave):
    """metrics_periods.csv, metrics_drawdowns.csv and metrics_tags.csv."""
    index = pd.to_datetime(times[1:] - 1, unit="ms")
    day = pd.DataFrame({
        "growth": points[1:] / points[:-1], "market": prices[1:] / prices[:-1], "profit": np.diff(points),
        "trades": np.bincount(owner, minlength=len(index)),
        "wins": np.bincount(owner, weights=p > 0, minlength=len(index)),
        "losses": np.bincount(owner, weights=p < 0, minlength=len(index))}, index=index)
    keys = {
        "day": index.normalize(), "week": index.to_period("W-SUN").start_time,
        "month": index.to_period("M").start_time, "year": index.to_period("Y").start_time,
        "weekday": index.day_of_week + 1}
    rows = []
    for kind, key in keys.items():
        for start, group in day.groupby(key):
            first = start if kind == "weekday" else pd.Timestamp(start).value // 1_000_000
            rows.append([kind, first, len(group), group["growth"].prod() - 1, group["market"].prod() - 1,
                         group["profit"].sum(), int(group["trades"].sum()), int(group["wins"].sum()),
                         int(group["losses"].sum())])
    write("metrics_periods.csv",
          ["kind", "start", "days", "return", "market", "profit", "trades", "wins", "losses"], rows)
    s = pd.Series(points)
    peak = s.cummax()
    under = s < peak
    rows = []
    for _, group in s[under].groupby((~under).cumsum()[under]):
        start, end = group.index[0] - 1, group.index[-1] + 1
        depth = 1 - group / peak[group.index]
        rows.append([times[start], times[depth.idxmax()], times[end] if end < len(s) else "", depth.max(),
                     points[start] - group[depth.idxmax()]])
    rows.sort(key=lambda row: (-row[3], row[0]))
    write("metrics_drawdowns.csv", ["start", "trough", "recovery", "depth", "amount"], rows[:10])
    table = pd.DataFrame({"entry": trades["EntryTag"].to_numpy(), "exit": trades["ExitTag"].to_numpy(),
                          "profit": p, "f": f, "time": leave - entry})
    rows = []
    for name, columns in (("entry", ["entry"]), ("exit", ["exit"]), ("both", ["entry", "exit"])):
        for key, group in table.groupby(columns):
            labels = {**{"entry": "-", "exit": "-"}, **dict(zip(columns, key))}
            rows.append([name, labels["entry"], labels["exit"], len(group), int((group["profit"] > 0).sum()),
                         int((group["profit"] < 0).sum()), group["profit"].sum(), group["f"].mean(),
                         float(group["time"].mean())])
    write("metrics_tags.csv",
          ["table", "entry", "exit", "trades", "wins", "losses", "profit", "average", "duration"], rows)


main()
