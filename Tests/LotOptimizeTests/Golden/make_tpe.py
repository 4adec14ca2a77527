"""Writes tpe.json: how near Optuna's TPE comes, one trial at a time and in batches of 8.

    pip install optuna numpy
    python3 make_tpe.py [processes]

Quantiles over SEEDS seeds of the best value after some numbers of trials. In a batch eight points
are asked for before any is told, with Optuna's constant liar and without. `below` and `above` are
the order statistics that enclose the true median with 99 % confidence (binomial, for any
distribution).
"""
import json
import math
import multiprocessing
import os
import sys
import warnings

import numpy as np
import optuna

from make_convergence import SINGLE

SEEDS = 100
BATCH = 8
COUNTS = [48, 96, 200]
MODES = ["one at a time", "batches", "batches, constant liar"]


def mixed(trial):
    n = trial.suggest_int("n", 0, 40, step=2)
    mode = trial.suggest_categorical("mode", ["a", "b", "c"])
    x = trial.suggest_float("x", 0.001, 10, log=True)
    y = trial.suggest_float("y", 0, 1, step=0.05)
    flag = trial.suggest_categorical("flag", [False, True])
    miss = abs(n - 20) / 20 + abs(x - 1) / (1 + x) + abs(y - 0.5)
    return miss + (0 if mode == "b" else 0.5) + (0 if flag else 0.3)


FUNCTIONS = {**SINGLE, "mixed": mixed}


def search(task):
    name, mode, seed = task
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    warnings.simplefilter("ignore")
    sampler = optuna.samplers.TPESampler(seed=seed, constant_liar=mode == MODES[2])
    study = optuna.create_study(sampler=sampler)
    values = []
    while len(values) < COUNTS[-1]:
        trials = [study.ask() for _ in range(1 if mode == MODES[0] else BATCH)]
        losses = [FUNCTIONS[name](trial) for trial in trials]
        for trial, loss in zip(trials, losses):
            study.tell(trial, loss)
        values += losses
    return [min(values[:count]) for count in COUNTS]


def rank_below():
    """The largest r with P(Binomial(SEEDS, 1/2) < r) <= 0.5 %."""
    total, rank = 0, 0
    while True:
        total += math.comb(SEEDS, rank) / 2**SEEDS
        if total > 0.005:
            return rank
        rank += 1


def main():
    tasks = [(name, mode, s) for name in FUNCTIONS for mode in MODES for s in range(SEEDS)]
    with multiprocessing.Pool(int(sys.argv[1]) if len(sys.argv) > 1 else None) as pool:
        found = pool.map(search, tasks, chunksize=5)
    rank = rank_below()
    rows = []
    for start in range(0, len(tasks), SEEDS):
        name, mode, _ = tasks[start]
        for column, trials in enumerate(COUNTS):
            values = sorted(run[column] for run in found[start : start + SEEDS])
            lower, median, upper = (float(q) for q in np.quantile(values, [0.25, 0.5, 0.75]))
            rows.append({
                "function": name, "mode": mode, "trials": trials, "lower": lower,
                "below": values[rank - 1], "median": median, "above": values[SEEDS - rank],
                "upper": upper,
            })
    here = os.path.dirname(os.path.abspath(__file__))
    with open(os.path.join(here, "tpe.json"), "w") as file:
        head = {"optuna": optuna.__version__, "seeds": SEEDS, "batch": BATCH}
        lines = ",\n".join("  " + json.dumps(row) for row in rows)
        file.write(json.dumps(head)[:-1] + ', "rows": [\n' + lines + "\n]}\n")


if __name__ == "__main__":
    main()
