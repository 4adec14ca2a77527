"""Makes bars.csv, indicators.csv and more_indicators.csv: what TA-Lib says about real klines.

Usage: python make_indicators.py FOLDER_OF_MONTHLY_ZIPS
with the folder of Binance's monthly archives of BTCUSDT, 1h. Needs numpy and TA-Lib; the tests
read the two CSV files and nothing else. Columns are named as they are called, with the output
after a dot. "exact" columns are not from TA-Lib: they use the two-pass formula in exact rational
arithmetic, a second opinion on sums of squares. Made with TA-Lib 0.8.1.

more_indicators.csv has fewer rows. Its columns named "own" are of indicators that TA-Lib lacks (or
has in another form): zscore, ichimoku, vwap by UTC day, crossings, bars_since, value_when, the held
pivots. They are written down in plain numpy below, each row from its window, without running sums.
The condition is close > open, the level of crossings the open, the second series the volume.
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


def windows(values, length):
    """The last `length` values of each row, oldest first; rows without enough are NaN."""
    result = np.full((len(values), length), np.nan)
    for back in range(length):
        result[back:, length - 1 - back] = values[: len(values) - back]
    return result


def shifted(values, rows):
    result = np.full(len(values), np.nan)
    result[rows:] = values[: len(values) - rows]
    return result


def zscore(close, length):
    w = windows(close, length)
    return (close - w.mean(axis=1)) / w.std(axis=1)


def ichimoku(high, low, conversion, base, span_b, displacement):
    def middle(length):
        return (windows(high, length).max(axis=1) + windows(low, length).min(axis=1)) / 2

    lines = [middle(conversion), middle(base)]
    lines.append(shifted((lines[0] + lines[1]) / 2, displacement - 1))
    lines.append(shifted(middle(span_b), displacement - 1))
    missing = np.isnan(sum(lines))
    return [np.where(missing, np.nan, line) for line in lines]


def day_vwap(time, high, low, close, volume):
    """TA-Lib's VWAP, which has no session, over each UTC day by itself."""
    day = time // 86_400_000
    parts = []
    for d in np.unique(day):
        rows = day == d
        parts.append(talib.VWAP(high[rows], low[rows], close[rows], volume[rows]))
    return np.concatenate(parts)


def crossings(a, b, length):
    crossed = np.full(len(a), np.nan)
    crossed[1:] = ((a[1:] > b[1:]) & (a[:-1] <= b[:-1])) | ((a[1:] < b[1:]) & (a[:-1] >= b[:-1]))
    return windows(crossed, length).sum(axis=1)


def bars_since(condition):
    result = np.full(len(condition), np.nan)
    for i in range(len(condition)):
        held = np.flatnonzero(condition[: i + 1])
        if len(held):
            result[i] = i - held[-1]
    return result


def value_when(condition, values, occurrence):
    result = np.full(len(condition), np.nan)
    for i in range(len(condition)):
        held = np.flatnonzero(condition[: i + 1])
        if len(held) > occurrence:
            result[i] = values[held[-1 - occurrence]]
    return result


def held_pivots(values, left, right, sign):
    price, age = np.full(len(values), np.nan), np.full(len(values), np.nan)
    x = values * sign
    newest = None
    for i in range(len(values)):
        c = i - right
        if c >= left and all(x[c] > x[j] for j in range(c - left, i + 1) if j != c):
            newest = c
        if newest is not None:
            price[i], age[i] = values[newest], i - newest
    return price, age


def more_columns(rows):
    time = np.array([r[0] for r in rows])
    open_, high, low, close, volume = (np.array([r[i] for r in rows], float) for i in range(1, 6))
    columns = {}

    def add(call, lines, names=()):
        if not names:
            columns[call] = np.asarray(lines, float)
        for name, line in zip(names, lines):
            columns[f"{call}.{name}"] = np.asarray(line, float)

    for n in (30, 3):
        for name in ("dema", "tema", "kama", "trima", "rma", "trix"):
            add(f"{name}({n})", getattr(talib, name.upper())(close, n))
        add(f"sum({n})", talib.SUM(close, n))
        add(f"vwma({n})", talib.VWMA(close, volume, n))
        add(f"correlation({n})", talib.CORREL(close, volume, n))
    add("trima(7)", talib.TRIMA(close, 7))
    for n in (20, 9, 2):
        add(f"hma({n})", talib.HMA(close, n))
    for n, v in ((5, 0.7), (3, 0.2)):
        add(f"t3({n},{v})", talib.T3(close, n, v))
    for n in (14, 3):
        add(f"cmo({n})", talib.CMO(close, n))
        for name in ("cci", "willr", "adx", "adxr", "dx", "plus_di", "minus_di", "natr"):
            add(f"{name}({n})", getattr(talib, name.upper())(high, low, close, n))
        add(f"mfi({n})", talib.MFI(high, low, close, volume, n))
        add(f"cmf({n})", talib.CMF(high, low, close, volume, n))
        add(f"aroon({n})", talib.AROON(high, low, n), ("down", "up"))
        add(f"aroonosc({n})", talib.AROONOSC(high, low, n))
        add(f"midpoint({n})", talib.MIDPOINT(close, n))
        add(f"midprice({n})", talib.MIDPRICE(high, low, n))
        add(f"linreg({n})", talib.LINEARREG(close, n))
        add(f"slope({n})", talib.LINEARREG_SLOPE(close, n))
        add(f"linreg_intercept({n})", talib.LINEARREG_INTERCEPT(close, n))
        add(f"tsf({n})", talib.TSF(close, n))
        add(f"variance({n})", talib.VAR(close, n))
        add(f"own zscore({n})", zscore(close, n))
    for n in (10, 1):
        add(f"mom({n})", talib.MOM(close, n))
        add(f"change({n})", talib.MOM(close, n))
        add(f"rocp({n})", talib.ROCP(close, n))
        add(f"rocr({n})", talib.ROCR(close, n))
    for a, b, c in ((5, 3, 3), (14, 1, 5)):
        add(f"stoch({a},{b},{c})", talib.STOCH(high, low, close, a, b, 0, c, 0), ("slowk", "slowd"))
        add(f"stochf({a},{c})", talib.STOCHF(high, low, close, a, c, 0), ("fastk", "fastd"))
        add(f"stochrsi({a},{a},{c})", talib.STOCHRSI(close, a, a, c, 0), ("fastk", "fastd"))
    add("stochrsi(14,5,3)", talib.STOCHRSI(close, 14, 5, 3, 0), ("fastk", "fastd"))
    for fast, slow in ((12, 26), (10, 3)):
        add(f"ppo({fast},{slow})", talib.PPO(close, fast, slow, 1))
        add(f"apo({fast},{slow})", talib.APO(close, fast, slow, 1))
    add("ultosc(7,14,28)", talib.ULTOSC(high, low, close, 7, 14, 28))
    add("ultosc(9,2,5)", talib.ULTOSC(high, low, close, 9, 2, 5))
    add("ao(5,34)", talib.AO(high, low, 5, 34))
    for step, most in ((0.02, 0.2), (0.1, 0.05)):
        add(f"psar({step},{most})", talib.SAR(high, low, step, most))
    for n, factor in ((10, 3), (3, 0.5)):
        line, trend = talib.SUPERTREND(high, low, close, n, factor)
        trend = np.where(np.isnan(line), np.nan, trend)
        add(f"supertrend({n},{factor})", (line, trend), ("supertrend", "trend"))
    lines = ("upper", "middle", "lower")
    for n, m, factor in ((20, 10, 2), (5, 14, 1.5)):
        add(f"keltner({n},{m},{factor})", talib.KC(high, low, close, n, m, factor), lines)
    for n, p in ((30, 50), (14, 5), (7, 100)):
        add(f"percentile({n},{p})", talib.PERCENTILE(close, n, p))
    for n in (100, 5):
        add(f"rank({n})", talib.PERCENTRANK(close, n))
    add("true_range()", talib.TRANGE(high, low, close))
    add("obv()", talib.OBV(close, volume))
    add("adl()", talib.AD(high, low, close, volume))
    add("heikin_ashi()", talib.HA(open_, high, low, close), ("open", "high", "low", "close"))
    add("own vwap()", day_vwap(time, high, low, close, volume))
    for a, b, c, d in ((9, 26, 52, 26), (3, 5, 4, 1)):
        add(f"own ichimoku({a},{b},{c},{d})", ichimoku(high, low, a, b, c, d),
            ("conversion", "base", "span_a", "span_b"))
    for n in (1, 20):
        add(f"own crossings({n})", crossings(close, open_, n))
    add("own bars_since()", bars_since(close > open_))
    for n in (0, 3):
        add(f"own value_when({n})", value_when(close > open_, close, n))
    for left, right in ((2, 2), (3, 1), (1, 5)):
        for name, sign, index in (("pivot_high", 1, 0), ("pivot_low", -1, 1)):
            price, age = held_pivots(close, left, right, sign)
            add(f"own {name}({left},{right})", (price, age), ("price", "age"))
            confirmed = np.flatnonzero(talib.FRACTAL(close, close, left, right)[index])
            assert list(confirmed) == list(np.flatnonzero(age == right))
    return columns


def write(path, columns, kept):
    with open(path, "w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n", quoting=csv.QUOTE_MINIMAL, delimiter=";")
        writer.writerow(["row"] + list(columns))
        for i in kept:
            writer.writerow([i] + ["" if np.isnan(c[i]) else repr(float(c[i])) for c in columns.values()])


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
    write(folder / "indicators.csv", columns, kept)
    write(folder / "more_indicators.csv", more_columns(rows), kept[:120] + kept[120::8])


main()
