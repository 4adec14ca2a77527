"""Makes overfitting_expected.csv: statistics of overfitting by programs that are not ours.

Usage: python make_overfitting.py
Inputs are made from SplitMix64 here and, bit by bit alike, in OverfittingGoldenTests.swift. The
normal distribution comes from mpmath (50 digits), block lengths and the stationary bootstrap's
distribution from arch, cross-validation and the Sharpe ratios' statistics from purgedcv, the rest
from numpy and scipy. Needs mpmath, numpy, scipy, arch and purgedcv; the tests read only the CSV
file.
"""

import csv
from itertools import combinations
from pathlib import Path

import mpmath
import numpy as np
import purgedcv
from arch.bootstrap import StationaryBootstrap, optimal_block_length
from purgedcv import _pbo, _metrics
from scipy import stats

MASK = (1 << 64) - 1
TRIALS, DAYS = 30, 325
ROWS = []


class SplitMix:
    def __init__(self, seed):
        self.state = seed

    def next(self):
        self.state = (self.state + 0x9E3779B97F4A7C15) & MASK
        z = self.state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
        return z ^ (z >> 31)

    def unit(self):
        return (self.next() >> 11) * 2.0**-53


def autoregression(seed, count, memory):
    """x = memory * x + u - 0.5"""
    random, x, out = SplitMix(seed), 0.0, []
    for _ in range(count):
        x = memory * x + (random.unit() - 0.5)
        out.append(x)
    return np.array(out)


def moving_average(seed, count, share):
    """x = e + share * (e one step ago), e = u - 0.5"""
    random, last, out = SplitMix(seed), 0.0, []
    for _ in range(count):
        now = random.unit() - 0.5
        out.append(now + share * last)
        last = now
    return np.array(out)


def trials(drift, common):
    """Day returns of trials: drift of trial 7, and a share of what all have in common."""
    shared = SplitMix(99)
    market = np.array([(shared.unit() - 0.5) * 0.04 for _ in range(DAYS)])
    rows = []
    for trial in range(TRIALS):
        random = SplitMix(100 + trial)
        own = np.array([(random.unit() - 0.5) * 0.04 for _ in range(DAYS)])
        rows.append((drift if trial == 7 else 0.0) + own + common * market)
    return np.array(rows)


def blocks():
    """Days of each block as here: boundaries at floor(b * n / 16)."""
    return [list(range(b * DAYS // 16, (b + 1) * DAYS // 16)) for b in range(16)]


def put(key, value, source):
    ROWS.append([key, repr(float(value)), source])


def normal():
    mpmath.mp.dps = 50
    for x in (-37, -30, -20, -12.3456, -8, -5.5, -3, -1.96, -1, -0.3, -1e-9, 0.25, 1, 2.5, 6, 8):
        put(f"cdf:{x!r}", mpmath.erfc(-mpmath.mpf(x) / mpmath.sqrt(2)) / 2, "mpmath")
    for p in (1e-300, 1e-100, 1e-30, 1e-12, 1e-6, 0.001, 0.02, 0.074, 0.076, 0.3, 0.5, 0.6, 0.93,
              0.975, 0.99, 0.999999):
        guess = mpmath.mpf(float(stats.norm.ppf(p)))
        for _ in range(4):  # Newton
            error = mpmath.erfc(-guess / mpmath.sqrt(2)) / 2 - mpmath.mpf(p)
            guess -= error * mpmath.sqrt(2 * mpmath.pi) * mpmath.exp(guess * guess / 2)
        put(f"quantile:{p!r}", guess, "mpmath")


def sharpe_ratios():
    returns = trials(0.002, 0.5)[7]
    # Its moments divide by n, or n - 1, where ours do the opposite: they are handed over.
    for name, value in zip(("sharpe", "skewness", "kurtosis"), _metrics._sharpe_moments(returns)):
        put(f"moments:{name}", value, "purgedcv")
    put("psr", purgedcv.probabilistic_sharpe_ratio(returns, 0.05), "purgedcv")
    for count in (1, 10, 1000):
        put(f"dsr:{count}", purgedcv.deflated_sharpe_ratio(returns, count, 0.0009), "purgedcv")
    put("min_track_record", purgedcv.min_track_record_length(0.1, 0.02, 0.05, -0.7, 5.5), "purgedcv")
    for count in (2, 45, 1000):
        put(f"min_backtest:{count}", purgedcv.minimum_backtest_length(count), "purgedcv")


def overfitting():
    for name, drift, common in (("noise", 0, 0), ("edge", 0.006, 0), ("common", 0.002, 1.5)):
        matrix = trials(drift, common)
        result = cross_validate(matrix)
        pasts, futures = result["pairs"][:, 0], result["pairs"][:, 1]
        put(f"{name}:pbo", result["pbo"], "purgedcv")
        put(f"{name}:mean_logit", result["logits"].mean(), "purgedcv")
        line = stats.linregress(pasts, futures)
        put(f"{name}:slope", line.slope, "scipy")
        put(f"{name}:intercept", line.intercept, "scipy")
        put(f"{name}:r_squared", line.rvalue**2, "scipy")
        put(f"{name}:loss", np.mean(futures < 0), "numpy")
        means = np.array([matrix[:, b].mean(axis=1) for b in blocks()]).T
        pairs = np.corrcoef(means)[np.triu_indices(TRIALS, 1)]
        put(f"{name}:average_correlation", max(0.0, pairs.mean()), "numpy")


def cross_validate(matrix):
    """purgedcv's CSCV over our blocks (its own are cut by numpy.array_split, longer in front)."""
    logits, pairs = [], []
    for chosen in combinations(range(16), 8):
        inside = np.concatenate([blocks()[b] for b in range(16) if b in chosen])
        outside = np.concatenate([blocks()[b] for b in range(16) if b not in chosen])
        logit, past, future = _pbo._score_combination(
            matrix, inside, outside, _pbo.sharpe, TRIALS)
        logits.append(logit)
        pairs.append((past, future))
    total = _pbo._aggregate_pbo(logits, [p[0] for p in pairs], [p[1] for p in pairs])
    return {"pbo": total.pbo, "logits": total.logits, "pairs": np.array(pairs)}


def bootstrap():
    for name, series in (
            ("white", autoregression(11, 500, 0.0)), ("half", autoregression(12, 1000, 0.5)),
            ("long", autoregression(13, 731, 0.9)), ("opposed", moving_average(14, 365, -0.6)),
            ("short", autoregression(15, 20, 0.0)), ("walk", autoregression(16, 300, 1.0))):
        length = optimal_block_length(series)["stationary"].iloc[0]
        put(f"block_length:{name}", max(1.0, length), "arch")
    returns = 0.0005 + 0.05 * autoregression(17, 400, 0.3)
    draws = StationaryBootstrap(5, returns, seed=np.random.default_rng(1))

    def figures(r):
        growth = np.concatenate([[1.0], np.cumprod(1 + r)])
        fall = 1 - growth / np.maximum.accumulate(growth)
        return np.array([growth[-1] - 1, r.mean() / r.std(ddof=1) * np.sqrt(365), fall.max(),
                         growth[200]])

    results = draws.apply(figures, 40_000)
    for column, name in enumerate(("total_return", "sharpe", "max_drawdown", "growth_200")):
        for share in (5, 50, 95):
            put(f"bootstrap:{name}:{share}", np.percentile(results[:, column], share), "arch")


def main():
    normal()
    sharpe_ratios()
    overfitting()
    bootstrap()
    with open(Path(__file__).parent / "overfitting_expected.csv", "w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["key", "value", "source"])
        writer.writerows(ROWS)


if __name__ == "__main__":
    main()
