#!/usr/bin/env python3
"""Sweeps SMA crosses with vectorbt, and compares speed and total returns with `lot optimize`.

    python3 Benchmarks/vectorbt_sweep.py BARS.csv TRIALS.csv [SECONDS_OF_LOT]

BARS.csv is what `lot data export` writes, TRIALS.csv what `lot optimize` writes into the study's
folder: its columns fast, slow and total_return say which pairs to try and what to expect. The
settings of that study must be: fee 0.01 %, no slippage, no volume limit, all cash long.

Three forms: the kernels alone (averages, crosses, simulation; no statistics but the total return),
written in Rust and in Numba, and the usual interface (MA.run, ma_crossed_above,
Portfolio.from_signals, total_return). Each works on chunks of pairs, whose columns are all in
memory at once. `make bench` runs this where python3 can import vectorbt:
pip install "vectorbt[rust]".
"""

import csv
import sys
import time

import numpy as np
import pandas as pd
import vectorbt as vbt
from vectorbt._engine import is_rust_available
from vectorbt.generic import dispatch as generic
from vectorbt.portfolio import dispatch as portfolio

FEE = 0.0001  # at 0.1 % some thousand trades leave nothing that could be compared
CASH = 10_000.0
CHUNK = 10  # pairs; 24 columns of 8.4 MB each for two years of minutes


def total_returns(orders, columns, close):
    """Total return of each column from its orders, what is open sold at the last close."""
    cash = np.full(columns, CASH)
    held = np.zeros(columns)
    for side, sign in ((0, 1), (1, -1)):
        part = orders[orders["side"] == side]
        flow = part["size"] * part["price"]
        np.add.at(cash, part["col"], -sign * flow - part["fees"])
        np.add.at(held, part["col"], sign * part["size"])
    last = close[-1, 0]
    return (cash + held * last * (1 - FEE * (held > 1e-9))) / CASH - 1


def kernels(bars, pairs, engine):
    """The lowest-level calls: every average once, crosses and simulation for chunks of pairs."""
    close = np.ascontiguousarray(bars["close"].to_numpy())
    opens = np.ascontiguousarray(bars["open"].to_numpy())[:, None]
    column = close[:, None]
    means = {
        n: generic.rolling_mean_1d(close, n, n, engine=engine)
        for n in sorted({n for pair in pairs for n in pair})
    }
    found = []
    for start in range(0, len(pairs), CHUNK):
        part = pairs[start : start + CHUNK]
        fast = np.ascontiguousarray(np.column_stack([means[a] for a, _ in part]))
        slow = np.ascontiguousarray(np.column_stack([means[b] for _, b in part]))
        # A signal at a close is filled at the next open.
        entries = np.zeros(fast.shape, dtype=np.bool_)
        exits = np.zeros(fast.shape, dtype=np.bool_)
        entries[1:] = generic.crossed_above(fast, slow, engine=engine)[:-1]
        exits[1:] = generic.crossed_above(slow, fast, engine=engine)[:-1]
        found.append(simulate(entries, exits, opens, column, engine))
    return np.concatenate(found)


def simulate(entries, exits, opens, column, engine):
    """Fills signals at the opens of their rows; the total return of each column."""
    columns = entries.shape[1]
    orders, _ = portfolio.simulate_from_signals(
        target_shape=entries.shape,
        group_lens=np.ones(columns, dtype=np.int64),
        init_cash=np.full(columns, CASH),
        call_seq=np.zeros(entries.shape, dtype=np.int64),
        long_entries=entries,
        long_exits=exits,
        short_entries=np.array([[False]]),
        short_exits=np.array([[False]]),
        price=opens,
        fees=np.array([[FEE]]),
        close=column,
        use_stops=False,
        max_orders=int(entries.sum() + exits.sum()) + columns,
        engine=engine,
    )
    return total_returns(orders, columns, column)


def exact(bars, pairs, engine):
    """The same with crossings of the averages in whole cents, so without rounding; not timed."""
    close, opens = bars["close"].to_numpy(), bars["open"].to_numpy()
    sums = np.concatenate([[0], np.cumsum(np.round(close * 100).astype(np.int64))])
    found = []
    for fast, slow in pairs:
        first = slow - 1
        short = (sums[fast:] - sums[:-fast])[first - fast + 1 :] * slow
        above = short - (sums[slow:] - sums[:-slow]) * fast
        entries = np.zeros((len(close), 1), dtype=np.bool_)
        exits = np.zeros((len(close), 1), dtype=np.bool_)
        # lot's first decision comes `slow + 1` rows after the first.
        entries[first + 3 :, 0] = ((above[1:] > 0) & (above[:-1] <= 0))[1:-1]
        exits[first + 3 :, 0] = ((above[1:] < 0) & (above[:-1] >= 0))[1:-1]
        found.append(simulate(entries, exits, opens[:, None].copy(), close[:, None], engine)[0])
    return np.array(found)


def usual(bars, pairs, engine):
    """What people write."""
    vbt.settings["engine"] = engine
    close, opens = bars["close"], bars["open"]
    found = []
    for start in range(0, len(pairs), CHUNK):
        part = pairs[start : start + CHUNK]
        fast = vbt.MA.run(close, [a for a, _ in part], short_name="fast")
        slow = vbt.MA.run(close, [b for _, b in part], short_name="slow")
        entries = fast.ma_crossed_above(slow).vbt.signals.fshift(1)
        exits = fast.ma_crossed_below(slow).vbt.signals.fshift(1)
        result = vbt.Portfolio.from_signals(
            close, entries, exits, price=opens, fees=FEE, init_cash=CASH, freq="1min"
        )
        found.append(result.total_return().to_numpy())
    return np.concatenate(found)


def apart(ours, theirs):
    """The ratio of final equities less one. A position that is open at the end is closed."""
    return np.abs((1 + theirs) / (1 + ours) - 1)


def main():
    bars = pd.read_csv(sys.argv[1])
    with open(sys.argv[2], newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["total_return"]]
    pairs = [(int(float(row["fast"])), int(float(row["slow"]))) for row in rows]
    ours = np.array([float(row["total_return"]) for row in rows])
    evaluations = len(bars) * len(pairs) / 1e6
    print(f"vectorbt {vbt.__version__}, rust kernels: {is_rust_available()}")
    print(f"{len(pairs)} SMA-cross pairs x {len(bars)} bars, fee {FEE}, all in, long")
    forms = [("kernels, numba", kernels, "numba"), ("usual interface, numba", usual, "numba")]
    if is_rust_available():
        forms += [("kernels, rust", kernels, "rust")]
        # Not every call of the interface has a kernel in Rust; "auto" takes those there are.
        forms += [("usual interface, rust", usual, "auto")]
    for name, form, engine in forms:
        form(bars.iloc[:5_000], pairs[:CHUNK], engine)  # compiles
        clock, processor = time.perf_counter(), time.process_time()
        theirs = form(bars, pairs, engine)
        clock, processor = time.perf_counter() - clock, time.process_time() - processor
        print(
            f"vectorbt, {name}: {evaluations / processor:.1f} M bar-evaluations/s per core, "
            f"{clock:.2f} s; final equity {100 * np.median(apart(ours, theirs)):.2f} % apart"
        )
    # Two averages of prices in cents are often equal, and the last bit of a running sum decides
    # whether they cross there: no two programs agree in all of it. In whole cents they do.
    same = apart(ours, exact(bars, pairs, forms[-1][2])) < 1e-9
    print(
        f"total returns of {same.sum()} of {len(pairs)} pairs agree to nine digits where vectorbt "
        "takes crossings in whole cents; the others have ties"
    )
    if len(sys.argv) > 3:
        seconds = float(sys.argv[3])
        print(
            f"lot optimize, whole process: {evaluations / seconds:.1f} M bar-evaluations/s per "
            f"core, {seconds:.2f} s of processor"
        )


main()
