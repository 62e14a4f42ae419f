"""Makes exploration_reference.json: outliers, bias-corrected association and trends as NumPy, SciPy and scikit-learn compute them.

Run with NumPy 1.24, SciPy 1.10, scikit-learn 1.2 and pandas 1.5 (the Debian 12 packages), from this folder:

    /usr/bin/python3 make_exploration_reference.py

The seed is fixed, so the same versions write the same file.
"""
import json

import numpy as np
import pandas as pd
from scipy import stats
from scipy.spatial import distance
from sklearn import metrics
from sklearn.covariance import EmpiricalCovariance

rng = np.random.default_rng(20261)
samples, cases = {}, []


def sample(name, values):
    samples[name] = [float(v) for v in values]
    return name


def case(function, args, values):
    cases.append([function, list(args), [float(v) if np.isfinite(v) else repr(float(v)).replace("inf", "Infinity").replace("nan", "NaN") for v in values]])


# Robust z: scale_by_mad of SciPy with scale 1/1.4826.
for name, values in {
    "x_normal": rng.normal(size=80).round(5), "x_even": rng.normal(size=51).round(5) * 1e6, "x_far": np.append(rng.exponential(size=60).round(5), [1e9, -1e9]),
    "x_ties": rng.integers(0, 5, size=70), "x_pair": [1.0, 2.0], "x_tiny": rng.normal(size=30).round(5) * 1e-12,
}.items():
    values = np.array(values, float)
    case("robust_z", [sample(name, values)], (values - np.median(values)) / stats.median_abs_deviation(values, scale=1 / 1.4826))

# Mahalanobis: against themselves, and against other rows; scikit-learn divides by n, so its result is scaled.
for i, (n, k) in enumerate([(40, 1), (60, 3), (200, 8), (9, 2), (300, 20)]):
    rows = (rng.normal(size=(n, k)) @ rng.normal(size=(k, k)) + 3).round(6)
    other = (rng.normal(size=(2 * n, k)) * 2).round(6)
    for reference, suffix in ((rows, "self"), (other, "other")):
        inverse = np.linalg.inv(np.atleast_2d(np.cov(reference, rowvar=False)))
        expected = [distance.mahalanobis(row, reference.mean(axis=0), inverse) ** 2 for row in rows]
        again = EmpiricalCovariance().fit(reference).mahalanobis(rows) * (len(reference) - 1) / len(reference)
        assert np.allclose(expected, again, rtol=1e-8)
        case("mahalanobis", [sample(f"r{i}", rows.ravel()), k, sample(f"r{i}{suffix}", reference.ravel())], expected)
for p, degrees in [(0.999, 1), (0.999, 2), (0.999, 7), (0.999, 60), (0.5, 3)]:
    case("chi2_quantile", [p, degrees], [stats.chi2.ppf(p, degrees)])

# Cramér's V by the formulas of Bergsma (2013), with SciPy's chi-square.
for table in [[[10, 20], [30, 25]], [[50, 0], [0, 40]], [[12, 5, 9], [4, 14, 8]], [[5, 5], [5, 5]], [[100, 150], [203, 322], [420, 700], [320, 210]], [[2, 1, 0], [0, 2, 1], [1, 0, 3]], [[100000, 200], [99000, 300]], [[3, 0], [0, 4]]]:
    counts = np.array(table)
    n, (r, c) = counts.sum(), counts.shape
    square = max(0, stats.chi2_contingency(counts, correction=False)[0] / n - (r - 1) * (c - 1) / (n - 1))
    case("cramers_v_corrected", [table], [np.sqrt(square / min(r - (r - 1) ** 2 / (n - 1) - 1, c - (c - 1) ** 2 / (n - 1) - 1))])

# Ranks of some of the values, as pandas ranks them after the others are dropped.
for name in ("x_normal", "x_ties"):
    values = np.array(samples[name])
    kept = (np.arange(len(values)) % 3 > 0).astype(float)
    case("partial_ranks", [name, sample(f"{name}_kept", kept)], pd.Series(values[kept == 1]).rank().to_numpy())

# Mutual information of bins.
a, b = rng.integers(-1, 9, size=500), rng.integers(0, 3, size=500)
case("mutual_information", [sample("bins_a", a), sample("bins_b", b)], [metrics.mutual_info_score(a, b)])
case("mutual_information", [sample("bins_c", a + 10 * b), "bins_b"], [metrics.mutual_info_score(a + 10 * b, b)])


# Mann-Kendall by its definition over all pairs; the variance is that of SciPy's asymptotic Kendall test, which has no correction for continuity.
def mann_kendall(times, values):
    s = sum(np.sign(times[i] - times[j]) * np.sign(values[i] - values[j]) for i in range(len(times)) for j in range(i))
    test = stats.kendalltau(times, values, method="asymptotic")
    return s, test, abs(s / stats.norm.isf(test.pvalue / 2))


trends = {
    "rise": (np.arange(40), np.arange(40) * 0.1 + rng.normal(size=40).round(4)),
    "fall": (np.arange(25)[::-1] * 86400.0, rng.normal(size=25).round(4) + np.arange(25) * 0.2),
    "tied": (rng.integers(0, 12, size=90), rng.integers(0, 5, size=90) + np.arange(90) // 40),
    "uneven": (np.sort(rng.exponential(size=60)).cumsum().round(4), rng.exponential(size=60).round(4)),
    "ten": (np.arange(10), np.array([4, 3, 6, 5, 8, 9, 7, 12, 10, 11.0])),
}
for name, (times, values) in trends.items():
    times, values = np.array(times, float), np.array(values, float)
    t, v = sample(f"t_{name}", times), sample(f"v_{name}", values)
    s, test, deviation = mann_kendall(times, values)
    z = (s - np.sign(s)) / deviation
    for side, p in enumerate((2 * stats.norm.sf(abs(z)), stats.norm.cdf(z), stats.norm.sf(z))):
        case("mann_kendall", [t, v, side], [z, p, test.statistic])
    for level in (0.9, 0.95):
        slope, _, low, high = stats.theilslopes(values, times, level)
        case("sen_slope", [t, v, level], [slope, low, high])

with open("exploration_reference.json", "w") as file:
    text = json.dumps({"samples": samples, "cases": cases}, separators=(",", ":"), allow_nan=False)
    file.write(text.replace('],["', '],\n["') + "\n")
