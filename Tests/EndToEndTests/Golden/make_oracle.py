#!/usr/bin/env python3
"""Makes the golden trades of the end-to-end tests: an independent backtester.

    python make_oracle.py [SHARED_DATA_FOLDER]        (default: ../../../../shared/data)

Needs numpy and TA-Lib; pandas, vectorbt and backtesting for the second opinions. No code is shared
with lot. The rules are those of docs/execution.md, written again from the text, one bar at a time.

Input: the 51 monthly archives of BTCUSDT 1h (2022-01 to 2026-03, 37,223 rows; microseconds from
2025 on; one hour is missing in March 2023 and stays missing).

Output, beside this file: one <name>.csv a run, a line a trade, numbers with 17 significant digits,
times in milliseconds since the epoch (open time of the bar of the fill); summary.csv.

Second opinions, asserted on every run of this script:
  1. vectorbt, Portfolio.from_signals on sma_cross: signals shifted by one bar, price = open,
     fees = 0.001, slippage = 0.0002, all cash. Its cost model is the same as lot's (price moved by
     slippage, fee on top, cash / (price * (1 + fee))), so entry and exit bars, prices, quantities
     and profits must agree to 1e-9. The last, still open trade is compared at its entry only:
     vectorbt values it at the close, lot closes it.
  2. backtesting.py, FractionalBacktest on sma_cross: spread = 0, commission = 0.001. It charges a
     spread at the entry only, so it is compared with this oracle run at slippage 0: the entry and
     exit bars and the prices must agree exactly. Quantities are not compared: it rounds
     sizes down to a fraction of a coin.
"""

import csv
import io
import pathlib
import sys
import zipfile

import numpy as np
import talib

HERE = pathlib.Path(__file__).resolve().parent
CASH, FEE, SLIPPAGE, VOLUME_LIMIT = 10_000.0, 0.001, 0.0002, 0.1


def load(shared):
    """Rows of all archives, oldest first, times in milliseconds."""
    folder = shared / "binance-vision/data/spot/monthly/klines/BTCUSDT/1h"
    rows = []
    for archive in sorted(folder.glob("BTCUSDT-1h-*.zip")):
        with zipfile.ZipFile(archive) as opened:
            (name,) = opened.namelist()
            text = io.TextIOWrapper(opened.open(name), encoding="ascii")
            for line in csv.reader(text):
                time = int(line[0])
                if time > 100_000_000_000_000:  # microseconds
                    assert time % 1000 == 0
                    time //= 1000
                rows.append((time, *(float(field) for field in line[1:6])))
    table = np.array(rows)
    time = np.array([row[0] for row in rows], dtype=np.int64)
    steps = np.diff(time)
    assert len(rows) == 37_223 and (steps > 0).all()
    assert (steps != 3_600_000).sum() == 1 and steps.max() == 7_200_000  # one missing hour
    return time, *(table[:, column].copy() for column in range(1, 6))


class Account:
    """Cash, at most one long position, and the trades it has made."""

    def __init__(self, cash):
        self.cash, self.held, self.trade, self.trades = cash, 0.0, None, []

    def buy(self, row, quantity, price, fee_rate):
        fee = quantity * price * fee_rate
        self.cash -= quantity * price + fee
        self.held += quantity
        if self.trade is None:
            self.trade = dict(entry=row, bought=0.0, paid=0.0, sold=0.0, got=0.0, fees=0.0)
        self.trade["bought"] += quantity
        self.trade["paid"] += quantity * price
        self.trade["fees"] += fee

    def sell(self, row, quantity, price, fee_rate, tag):
        fee = quantity * price * fee_rate
        self.cash += quantity * price - fee
        self.held = 0.0 if quantity == self.held else self.held - quantity
        self.trade["sold"] += quantity
        self.trade["got"] += quantity * price
        self.trade["fees"] += fee
        if self.held == 0:
            self.trade.update(exit=row, tag=tag)
            self.trades.append(self.trade)
            self.trade = None

    @property
    def entry_price(self):
        return self.trade["paid"] / self.trade["bought"]


def simulate(
    data, enter, leave, first, rows=None, exit_tag="exit_long", stop_loss=None, take_profit=None,
    trailing_stop=None, max_bars=None, risk=None, slippage=SLIPPAGE,
):
    """Trades one long-only strategy, with all its equity or, with risk, lot.risk(risk).

    enter, leave: conditions at each close, or functions of the row,
    of which leave is asked only in a position and enter only out of one. first: first row whose close may be acted on.
    rows: the window; conditions come from the whole history. Returns (trades, final cash, number of
    fills that the volume limit cut).
    """
    time, opens, highs, lows, closes, volumes = data
    rows = rows or range(len(time))
    if not callable(enter):
        both = enter & leave  # an entry with its own exit on one bar is a conflict: nothing
        enter, leave = (enter & ~both).__getitem__, leave.__getitem__
    account = Account(CASH)
    entry_order = None  # None, "new", or the quantity still to buy
    exit_order = None  # None, or the tag of a market exit that is under way
    peak = 0.0
    cut = 0
    for i in rows:
        room = VOLUME_LIMIT * volumes[i]

        def sell(price, tag):
            """Sells what fits into the bar's room; the rest goes on as a market order."""
            nonlocal room, exit_order, cut
            quantity = min(account.held, room)
            if quantity < account.held:
                cut += 1
                exit_order = tag
            else:
                exit_order = None
            if quantity > 0:
                room -= quantity
                account.sell(i, quantity, price, FEE, tag)

        # At the open: market orders, in the order sent; the time limit came with the entry, so it
        # is before the strategy's own.
        if account.held > 0:
            due = max_bars is not None and i >= account.trade["entry"] + max_bars
            if exit_order or due:
                sell(opens[i] * (1 - slippage), "max_bars" if due else exit_order)
        if entry_order is not None:
            price = opens[i] * (1 + slippage)
            affordable = account.cash / (price * (1 + FEE))
            wanted = affordable if entry_order == "new" else min(entry_order, affordable)
            if risk is not None and entry_order == "new":  # flat: the equity is the cash
                stop = price * (1 - stop_loss)
                loss = (price - stop) + FEE * (price + stop)
                wanted = min(affordable, risk * account.cash / loss)
            quantity = min(wanted, room)
            if quantity < wanted:
                cut += 1
            if quantity > 0:
                peak = max(peak, price) if account.held > 0 else price
                room -= quantity
                account.buy(i, quantity, price, FEE)
                entry_order = wanted - quantity if quantity < wanted else None
        # Inside the bar: the stop first (the worse of stop and target), then the target.
        if account.held > 0:
            levels = []
            if stop_loss is not None:
                levels.append((account.entry_price * (1 - stop_loss), "stop_loss"))
            if trailing_stop is not None:
                levels.append((peak * (1 - trailing_stop), "trailing_stop"))
            level, tag = max(levels, default=(-1.0, ""))
            target = account.entry_price * (1 + take_profit) if take_profit else np.inf
            if lows[i] <= level:
                sell(min(level, opens[i]) * (1 - slippage), tag)
            elif highs[i] > target:
                sell(target, "take_profit")
        # After the bar: the trailing stop follows; a close past it means it was hit inside.
        if account.held > 0:
            peak = max(peak, highs[i])
            if trailing_stop is not None and closes[i] < peak * (1 - trailing_stop):
                sell(peak * (1 - trailing_stop) * (1 - slippage), "trailing_stop")
        # The close: decisions. Levels, not events: what holds now is read now.
        if i >= first and exit_order is None:
            if account.held > 0 or entry_order is not None:
                if leave(i):
                    exit_order, entry_order = exit_tag, None
                    if account.held == 0:
                        exit_order = None
            elif enter(i):
                entry_order = "new"
    if account.held > 0:
        account.sell(i, account.held, closes[i] * (1 - slippage), FEE, "end_of_data")
    return account.trades, account.cash, cut


class Chandelier:
    """A stop three average true ranges below the highest high since the entry, at closes."""

    def __init__(self, data, breakout, atr):
        _, _, self.highs, _, self.closes, _ = data
        self.breakout, self.atr, self.stop, self.peak = breakout, atr, 0.0, -np.inf

    def enter(self, i):
        self.stop, self.peak = 0.0, -np.inf
        return self.breakout[i]

    def leave(self, i):
        self.peak = max(self.peak, self.highs[i])
        self.stop = max(self.stop, self.peak - 3.0 * self.atr[i])
        return self.closes[i] < self.stop


def crossings(a, b):
    """(a crosses above b, a crosses below b); false where one of the four values is NaN."""
    above, below = np.zeros(len(a), bool), np.zeros(len(a), bool)
    above[1:] = (a[1:] > b[1:]) & (a[:-1] <= b[:-1])
    below[1:] = (a[1:] < b[1:]) & (a[:-1] >= b[:-1])
    return above, below


def write(name, time, trades):
    """One line a trade: fees of both sides, profit after fees."""
    with open(HERE / f"{name}.csv", "w", newline="\n") as file:
        file.write(
            "entry_time,exit_time,side,entry_price,exit_price,quantity,fees,profit,exit_tag\n")
        for t in trades:
            assert abs(t["bought"] - t["sold"]) <= 1e-12 * t["bought"]
            file.write("%d,%d,long,%.17g,%.17g,%.17g,%.17g,%.17g,%s\n" % (
                time[t["entry"]], time[t["exit"]], t["paid"] / t["bought"], t["got"] / t["sold"],
                t["bought"], t["fees"], t["got"] - t["paid"] - t["fees"], t["tag"]))


def ask_vectorbt(data, enter, leave, trades):
    """Second opinion 1; see the top of the file."""
    import pandas as pd
    import vectorbt as vbt

    time, opens, _, _, closes, _ = data
    index = pd.to_datetime(time, unit="ms")
    late = lambda x: pd.Series(np.concatenate([[False], x[:-1]]), index)
    book = vbt.Portfolio.from_signals(
        pd.Series(closes, index), entries=late(enter), exits=late(leave),
        price=pd.Series(opens, index), fees=FEE, slippage=SLIPPAGE, init_cash=CASH, freq="1h")
    theirs = book.trades.records
    assert len(theirs) == len(trades), (len(theirs), len(trades))
    for (_, t), ours in zip(theirs.iterrows(), trades):
        is_open = t["status"] == 0
        assert is_open == (ours["tag"] == "end_of_data")
        pairs = [
            (t["entry_idx"], ours["entry"]), (t["size"], ours["bought"]),
            (t["entry_price"], ours["paid"] / ours["bought"])]
        if not is_open:
            pairs += [
                (t["exit_idx"], ours["exit"]), (t["exit_price"], ours["got"] / ours["sold"]),
                (t["entry_fees"] + t["exit_fees"], ours["fees"]),
                (t["pnl"], ours["got"] - ours["paid"] - ours["fees"])]
        for a, b in pairs:
            assert abs(a - b) <= 1e-9 * max(abs(a), abs(b)), (t, ours)
    print(f"vectorbt agrees: {len(theirs)} trades, to 1e-9")


def ask_backtesting(data, enter, leave, trades):
    """Second opinion 2; see the top of the file."""
    import pandas as pd
    from backtesting import Strategy
    from backtesting.lib import FractionalBacktest

    time, opens, highs, lows, closes, volumes = data
    frame = pd.DataFrame(
        dict(Open=opens, High=highs, Low=lows, Close=closes, Volume=volumes, Up=enter, Down=leave),
        pd.to_datetime(time, unit="ms"))

    class Cross(Strategy):
        def init(self):
            pass

        def next(self):
            if not self.position and self.data.Up[-1]:
                self.buy()
            elif self.position and self.data.Down[-1]:
                self.position.close()

    test = FractionalBacktest(
        frame, Cross, cash=CASH, spread=0, commission=FEE, fractional_unit=1e-6,
        finalize_trades=True)
    theirs = test.run()["_trades"]
    assert len(theirs) == len(trades), (len(theirs), len(trades))
    for (_, t), ours in zip(theirs.iterrows(), trades):
        pairs = [(t["EntryBar"], ours["entry"]), (t["EntryPrice"], ours["paid"] / ours["bought"])]
        if ours["tag"] != "end_of_data":
            pairs += [(t["ExitBar"], ours["exit"]), (t["ExitPrice"], ours["got"] / ours["sold"])]
        for a, b in pairs:
            assert abs(a - b) <= 1e-9 * abs(b), (t, ours)
    print(f"backtesting.py agrees: {len(theirs)} trades")


def main():
    shared = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else HERE.parents[3] / "shared/data"
    data = load(shared)
    time, opens, highs, lows, closes, volumes = data
    fast, slow = talib.SMA(closes, 20), talib.SMA(closes, 100)
    up, down = crossings(fast, slow)
    rsi = talib.RSI(closes, 14)
    # The channels of the 20 (10) bars before this one.
    top = np.concatenate([[np.nan], talib.MAX(highs, 20)[:-1]])
    bottom = np.concatenate([[np.nan], talib.MIN(lows, 10)[:-1]])
    with np.errstate(invalid="ignore"):
        low_rsi, high_rsi = rsi < 30, rsi > 55
        breakout, breakdown = closes > top, closes < bottom
        above, below = fast > slow, fast < slow
    # First decision: the largest warm-up. SMA n: row n - 1, a crossing one later; RSI n: row n;
    # highest n: row n - 1, shifted by one: row n.
    window = range(
        int(np.searchsorted(time, 1_704_067_200_000)), int(np.searchsorted(time, 1_717_200_000_000))
    )  # 2024-01-01 <= open time < 2024-06-01
    macd, signal, _ = talib.MACD(closes, 12, 26, 9)
    macd_up, macd_down = crossings(macd, signal)
    upper, middle, _ = talib.BBANDS(closes, 20, 2.0, 2.0, 0)
    break_up, _ = crossings(closes, upper)
    _, fall_back = crossings(closes, middle)
    with np.errstate(invalid="ignore"):
        macd_up &= closes > talib.EMA(closes, 200)
        new_high = closes > np.concatenate([[np.nan], talib.MAX(closes, 22)[:-1]])
    chandelier = Chandelier(data, new_high, talib.ATR(highs, lows, closes, 22))
    runs = {
        "sma_cross": simulate(data, up, down, 100),
        "rsi_mean_reversion": simulate(
            data, low_rsi, high_rsi, 14, exit_tag="signal", stop_loss=0.05),
        "donchian_turtle": simulate(data, breakout, breakdown, 20),
        "sma_brackets": simulate(data, up, down, 100, stop_loss=0.03, take_profit=0.06),
        "sma_trailing": simulate(data, above, below, 99, trailing_stop=0.04, max_bars=48),
        # The examples in strategies/ that are not among those above.
        "example_donchian_turtle": simulate(
            data, breakout, breakdown, 20, stop_loss=0.1, risk=0.02),
        "example_macd_trend": simulate(data, macd_up, macd_down, 199, exit_tag="signal"),
        "example_bollinger_breakout": simulate(data, break_up, fall_back, 20),
        "example_atr_trailing_stop": simulate(
            data, chandelier.enter, chandelier.leave, 22, exit_tag="signal"),
        "sma_cross_window": simulate(data, up, down, 100, rows=window),
    }
    with open(HERE / "summary.csv", "w", newline="\n") as summary:
        summary.write("name,trades,final_equity,fees\n")
        for name, (trades, cash, cut) in runs.items():
            assert cut == 0, "no order was ever larger than a tenth of an hour's volume"
            write(name, time, trades)
            fees = sum(t["fees"] for t in trades)
            summary.write("%s,%d,%.17g,%.17g\n" % (name, len(trades), cash, fees))
            tags = {}
            for t in trades:
                tags[t["tag"]] = tags.get(t["tag"], 0) + 1
            print(f"{name}: {len(trades)} trades, {cash:.2f} in the end, {tags}")
    ask_vectorbt(data, up, down, runs["sma_cross"][0])
    ask_backtesting(data, up, down, simulate(data, up, down, 100, slippage=0.0)[0])


if __name__ == "__main__":
    main()
