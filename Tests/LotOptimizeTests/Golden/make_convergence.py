"""Writes convergence.csv: how near Optuna's samplers come on standard test functions.

    pip install optuna cmaes numpy scipy
    python3 make_convergence.py

Golden runs of convergence, not of points: quartiles over SEEDS seeds of the best value after a
number of trials (for ZDT: of the hypervolume of the front against the point 1.1, 1.1).
TPE is in make_tpe.py. Also writes sobol.csv: the first points of scipy's unscrambled Sobol sequence.
"""
import csv
import math
import os

import numpy as np
import optuna
from scipy.stats import qmc

optuna.logging.set_verbosity(optuna.logging.ERROR)
HERE = os.path.dirname(os.path.abspath(__file__))
SEEDS = 20


def floats(trial, count, low, high):
    return [trial.suggest_float(f"x{i}", low, high) for i in range(count)]


def sphere(trial):
    return sum(x * x for x in floats(trial, 5, -5, 5))


def rosenbrock(trial):
    x = floats(trial, 4, -2, 2)
    return sum(100 * (x[i + 1] - x[i] ** 2) ** 2 + (1 - x[i]) ** 2 for i in range(3))


def branin(trial):
    x = trial.suggest_float("x0", -5, 10)
    y = trial.suggest_float("x1", 0, 15)
    b, c, r, s, t = 5.1 / (4 * math.pi**2), 5 / math.pi, 6, 10, 1 / (8 * math.pi)
    return (y - b * x * x + c * x - r) ** 2 + s * (1 - t) * math.cos(x) + s


A = [
    [10, 3, 17, 3.5, 1.7, 8],
    [0.05, 10, 17, 0.1, 8, 14],
    [3, 3.5, 1.7, 10, 17, 8],
    [17, 8, 0.05, 10, 0.1, 14],
]
P = [
    [0.1312, 0.1696, 0.5569, 0.0124, 0.8283, 0.5886],
    [0.2329, 0.4135, 0.8307, 0.3736, 0.1004, 0.9991],
    [0.2348, 0.1451, 0.3522, 0.2883, 0.3047, 0.6650],
    [0.4047, 0.8828, 0.8732, 0.5743, 0.1091, 0.0381],
]


def hartmann(trial):
    x = floats(trial, 6, 0, 1)
    return -sum(
        w * math.exp(-sum(A[i][j] * (x[j] - P[i][j]) ** 2 for j in range(6)))
        for i, w in enumerate([1, 1.2, 3, 3.2])
    )


def ackley(trial):
    x = [trial.suggest_int(f"n{i}", -10, 10) for i in range(3)]
    x += [trial.suggest_float(f"x{i}", -10, 10) for i in range(2)]
    square = sum(v * v for v in x) / len(x)
    cosine = sum(math.cos(2 * math.pi * v) for v in x) / len(x)
    return -20 * math.exp(-0.2 * math.sqrt(square)) - math.exp(cosine) + 20 + math.e


def zdt(kind):
    def objective(trial):
        x = floats(trial, 10, 0, 1)
        g = 1 + 9 * sum(x[1:]) / 9
        f = x[0]
        if kind == 1:
            h = 1 - math.sqrt(f / g)
        elif kind == 2:
            h = 1 - (f / g) ** 2
        else:
            h = 1 - math.sqrt(f / g) - f / g * math.sin(10 * math.pi * f)
        return f, g * h

    return objective


def hypervolume(points):
    best, area = 1.1, 0.0
    for f, g in sorted(points):
        if f < 1.1 and g < best:
            area += (1.1 - f) * (best - g)
            best = g
    return area


SINGLE = {
    "sphere": sphere, "rosenbrock": rosenbrock, "branin": branin, "hartmann": hartmann,
    "ackley": ackley,
}
SAMPLERS = {
    "random": (optuna.samplers.RandomSampler, 100),
    "cmaes": (optuna.samplers.CmaEsSampler, 300),
}


def run(function, make, trials, seed, several):
    directions = ["minimize", "minimize"] if several else ["minimize"]
    study = optuna.create_study(sampler=make(seed=seed), directions=directions)
    study.optimize(function, n_trials=trials)
    return hypervolume([t.values for t in study.trials]) if several else study.best_value


def main():
    rows = []
    for sampler, (make, trials) in SAMPLERS.items():
        for name, function in SINGLE.items():
            values = [run(function, make, trials, seed, False) for seed in range(SEEDS)]
            rows.append([sampler, name, trials, *np.quantile(values, [0.25, 0.5, 0.75])])
            print(rows[-1], flush=True)
    for kind in [1, 2, 3]:
        values = [
            run(zdt(kind), optuna.samplers.NSGAIISampler, 1000, seed, True)
            for seed in range(SEEDS)
        ]
        rows.append(["nsga2", f"zdt{kind}", 1000, *np.quantile(values, [0.25, 0.5, 0.75])])
        print(rows[-1], flush=True)
    with open(os.path.join(HERE, "convergence.csv"), "w", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(["sampler", "function", "trials", "lower", "median", "upper"])
        out.writerows(rows)
    with open(os.path.join(HERE, "sobol.csv"), "w", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerows(qmc.Sobol(64, scramble=False).random(32).tolist())


if __name__ == "__main__":
    main()
