"""Makes sequential_reference.json: confidence sequences of proportions, quantiles, means and bounded means, from SciPy.

Run with SciPy 1.10 (Debian 12), from this folder:

    /usr/bin/python3 make_sequential_reference.py

The seed is fixed, so the same versions write the same file.
"""
import json

import numpy as np
from scipy import optimize, special

rng = np.random.default_rng(40211)
samples, cases = {}, []


def sample(name, values):
    samples[name] = [float(v) for v in values]
    return name


def number(value):
    return {np.inf: "Infinity", -np.inf: "-Infinity"}.get(value, float(value))


def case(function, args, *expected):
    cases.append([function, list(args), [number(e) for e in expected]])


def evidence(p, successes, total):
    """log of the mixture of likelihoods over Beta(1/2, 1/2), divided by the likelihood of p."""
    failures = total - successes
    mixture = special.betaln(0.5 + successes, 0.5 + failures) - special.betaln(0.5, 0.5)
    return mixture - special.xlogy(successes, p) - special.xlog1py(failures, -p)


def proportion(successes, total, level):
    limit, rate = np.log(1 / (1 - level)), successes / total
    excess = lambda p: evidence(p, successes, total) - limit
    lower = 0.0 if successes == 0 else optimize.brentq(excess, 1e-300, rate, xtol=1e-15, rtol=1e-14)
    upper = 1.0 if successes == total else optimize.brentq(excess, rate, 1 - 1e-16, xtol=1e-15, rtol=1e-14)
    return lower, upper


def quantile(counts, edges, q, level):
    limit, total, below = np.log(1 / (1 - level)), sum(counts), np.cumsum(counts)
    refuted = [evidence(q, int(b), total) >= limit for b in below]
    lower = [e for e, b, r in zip(edges, below, refuted) if r and b < q * total]
    upper = [e for e, b, r in zip(edges, below, refuted) if r and b > q * total]
    return max(lower, default=-np.inf), min(upper, default=np.inf)


def mean(m, variance, total, level, narrowest):
    alpha = 1 - level
    rho2 = (-2 * np.log(alpha) + np.log(-2 * np.log(alpha) + 1)) / narrowest
    inside = 2 * (total * rho2 + 1) / (total**2 * rho2) * np.log(np.sqrt(total * rho2 + 1) / alpha)
    return m - np.sqrt(variance * inside), m + np.sqrt(variance * inside)


def bounded_mean(m, variance, total, least, most, level):
    """The bounds where a product of factors with an expectation of at most 1 is as large as the level allows, for the best of the pairs."""
    width = most - least
    rate, square = (m - least) / width, variance * (total - 1) / total / width**2
    centres = [0.75] + [0.5**i for i in range(1, 11)]
    bets = [0.9375, 0.75] + [0.5**i for i in range(1, 13)]
    limit = np.log(2 * len(centres) * len(bets) / (1 - level))

    def bound(towards, reach):
        best = None
        for c in centres:
            for eta in bets:
                bet = eta / reach(c)
                moment = total * (square + (rate - c) ** 2)
                log_product = lambda mu: towards * bet * total * (rate - mu) - (-np.log1p(-eta) - eta) / reach(c) ** 2 * moment - limit
                end = 0.0 if towards > 0 else 1.0
                if log_product(end) <= 0:
                    root = end
                else:
                    root = optimize.brentq(log_product, *sorted((end, rate)), xtol=1e-16, rtol=1e-14)
                best = root if best is None else (max if towards > 0 else min)(best, root)
        return least + best * width

    return bound(1, lambda c: c), bound(-1, lambda c: 1 - c)


for successes, total in [(0, 1), (1, 1), (0, 50), (3, 50), (25, 50), (50, 50), (1, 1000), (12, 4000), (999, 1000), (70_000, 1_000_000)]:
    for level in (0.9, 0.95, 0.999):
        case("sequence_proportion", [successes, total, level], *proportion(successes, total, level))

for i, rows in enumerate([3, 40, 900, 20_000]):
    edges = sample(f"qe{i}", np.round(np.geomspace(0.1, 100, 25), 6))
    values = rng.lognormal(0.5, 0.8, rows)
    counts = np.histogram(values, bins=[0.0, *samples[edges][:-1], np.inf])[0]
    for q in (0.5, 0.9, 0.99):
        case("sequence_quantile", [sample(f"qc{i}{q}", counts), edges, q, 0.99], *quantile(counts, samples[edges], q, 0.99))

for m, variance, total, level, narrowest in [
    (0.2, 1.3, 2, 0.95, 1000), (-4.0, 0.0, 10, 0.95, 1000), (1e6, 2.5e3, 812, 0.99, 1000), (0.01, 0.09, 250_000, 0.999, 500),
]:
    case("sequence_mean", [m, variance, total, level, narrowest], *mean(m, variance, total, level, narrowest))

for m, variance, total, least, most, level in [
    (0.5, 0.1, 2, 0, 1, 0.95), (0.02, 0.001, 3_000, 0, 1, 0.995), (0.0, 0.0, 400, 0, 25, 0.99), (25.0, 0.0, 400, 0, 25, 0.99),
    (-3.2, 4.0, 50_000, -10, 30, 0.999), (1.7, 2.9, 800, 0, 17, 0.9975),
]:
    case("sequence_bounded_mean", [m, variance, total, least, most, level], *bounded_mean(m, variance, total, least, most, level))

with open("sequential_reference.json", "w") as file:
    json.dump({"samples": samples, "cases": cases}, file, separators=(",", ":"))
    file.write("\n")
