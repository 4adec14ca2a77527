"""Makes bars.csv and indicators.csv: what TA-Lib says about real klines.

Usage: python make_indicators.py FOLDER_OF_MONTHLY_ZIPS
with the folder of Binance's monthly archives of BTCUSDT, 1h. Needs numpy and TA-Lib; the tests
read the two CSV files and nothing else. Columns are named as they are called, with the output
after a dot. "exact" columns are not from TA-Lib: they use the two-pass formula in exact rational
arithmetic, a second opinion on sums of squares. Made with TA-Lib 0.8.1.
"""

import csv
import io
import sys
import zipfile
from fractions import Fraction
from math import sqrt
from pathlib import Path

import numpy as np
import talib

ROWS = 3_000
DENSE = 250  # the first rows are all kept: they hold every seed
STRIDE = 4  # of the others, every fourth


def read_bars(folder):
    rows = []
    for path in sorted(Path(folder).glob("BTCUSDT-1h-*.zip")):
        with zipfile.ZipFile(path) as archive:
            with archive.open(archive.namelist()[0]) as file:
                for row in csv.reader(io.TextIOWrapper(file)):
                    rows.append([int(row[0])] + [float(x) for x in row[1:6]])
                    if len(rows) == ROWS:
                        return rows
    raise SystemExit("too few rows")


def exact_deviation(values, length):
    result = np.full(len(values), np.nan)
    exact = [Fraction(float(x)) for x in values]
    for i in range(length - 1, len(values)):
        window = exact[i - length + 1 : i + 1]
        mean = sum(window) / length
        result[i] = sqrt(sum((x - mean) ** 2 for x in window) / length)
    return result


def main():
    rows = read_bars(sys.argv[1])
    folder = Path(__file__).parent
    with open(folder / "bars.csv", "w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["open_time", "open", "high", "low", "close", "volume"])
        for row in rows:
            writer.writerow([row[0]] + [repr(x) for x in row[1:]])
    _, high, low, close = (np.array([r[i] for r in rows], float) for i in range(1, 5))
    columns = {}
    for length in (30, 2, 14, 200):
        columns[f"sma({length})"] = talib.SMA(close, length)
        columns[f"ema({length})"] = talib.EMA(close, length)
        columns[f"wma({length})"] = talib.WMA(close, length)
        columns[f"highest({length})"] = talib.MAX(close, length)
        columns[f"lowest({length})"] = talib.MIN(close, length)
    for length in (14, 2, 50):
        columns[f"rsi({length})"] = talib.RSI(close, length)
        columns[f"atr({length})"] = talib.ATR(high, low, close, length)
    columns["atr(1)"] = talib.ATR(high, low, close, 1)
    for length in (10, 1, 100):
        columns[f"roc({length})"] = talib.ROC(close, length)
    for fast, slow, signal in ((12, 26, 9), (5, 35, 5), (26, 12, 9), (3, 10, 1)):
        lines = talib.MACD(close, fast, slow, signal)
        for name, line in zip(("macd", "signal", "histogram"), lines):
            columns[f"macd({fast},{slow},{signal}).{name}"] = line
    for length, up, down in ((5, 2, 2), (20, 2, 2), (100, 2.5, 1)):
        lines = talib.BBANDS(close, length, up, down)
        for name, line in zip(("upper", "middle", "lower"), lines):
            columns[f"bbands({length},{up},{down}).{name}"] = line
        deviation = exact_deviation(close, length)
        columns[f"exact bbands({length},{up},{down}).upper"] = lines[1] + up * deviation
    for length, factor in ((5, 1), (20, 2), (200, 1)):
        columns[f"stdev({length},{factor})"] = talib.STDDEV(close, length, factor)
        columns[f"exact stdev({length},{factor})"] = factor * exact_deviation(close, length)
    for length in (20, 2, 55):
        upper, lower = talib.MAX(high, length), talib.MIN(low, length)
        columns[f"donchian({length}).upper"] = upper
        columns[f"donchian({length}).middle"] = (upper + lower) / 2
        columns[f"donchian({length}).lower"] = lower
    kept = list(range(DENSE)) + list(range(DENSE, ROWS, STRIDE))
    with open(folder / "indicators.csv", "w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n", quoting=csv.QUOTE_MINIMAL, delimiter=";")
        writer.writerow(["row"] + list(columns))
        for i in kept:
            writer.writerow([i] + ["" if np.isnan(c[i]) else repr(float(c[i])) for c in columns.values()])


main()
