"""Makes intervals_reference.json: intervals of metrics and of their differences, from SciPy and scikit-learn.

Where a jackknife is the method, rows are left out one by one and scikit-learn is asked each time. Run with SciPy 1.10 and
scikit-learn 1.2 (Debian 12), from this folder:

    /usr/bin/python3 make_intervals_reference.py

The seed is fixed, so the same versions write the same file.
"""
import json

import numpy as np
import sklearn.metrics as skm
from scipy import stats

rng = np.random.default_rng(77131)
samples, cases = {}, []


def sample(name, values):
    samples[name] = [float(v) for v in values]
    return name


def case(function, args, *expected):
    assert all(np.isfinite(expected))
    cases.append([function, list(args), [float(e) for e in expected]])


def jackknife(metric, n, scale=1.0):
    """The standard error by leaving each row out."""
    rows = np.arange(n)
    without = np.array([metric(rows != i) for i in rows])
    return np.sqrt((n - 1) / n * np.sum((without - without.mean()) ** 2) * scale)


def logit_interval(value, error, degrees):
    half = quantile(0.975, degrees) * error / (value * (1 - value))
    return 1 / (1 + np.exp(half - np.log(value / (1 - value)))), 1 / (1 + np.exp(-half - np.log(value / (1 - value))))


def t_interval(value, error, degrees):
    half = quantile(0.975, degrees) * error
    return value, value - half, value + half, 2 * stats.t.sf(abs(value / error), degrees)


def quantile(p, degrees):
    """scipy.stats.t.ppf is right to eight digits or so; scipy.stats.t.sf knows the rest."""
    if p < 0.5:
        return -quantile(1 - p, degrees)
    t = stats.t.ppf(p, degrees)
    for _ in range(3):
        t += (stats.t.sf(t, degrees) - (1 - p)) / stats.t.pdf(t, degrees)
    return t


def wilson(successes, rows):
    interval = stats.binomtest(successes, rows).proportion_ci(0.95, method="wilson")
    return interval.low, interval.high


def paired_t(a, b):
    test = stats.ttest_rel(a, b)
    difference = np.mean(a - b)
    half = quantile(0.975, len(a) - 1) * abs(difference / test.statistic)
    interval = test.confidence_interval(0.95)
    assert np.allclose([interval.low, interval.high], [difference - half, difference + half], rtol=1e-6)
    return difference, difference - half, difference + half, test.pvalue


def row_losses(y, s):
    return -np.log(np.where(y == 1, s, 1 - s))


# Two classes: continuous scores, scores with ties, few positives.
for i, (n, share, digits) in enumerate(((120, 0.4, 9), (150, 0.5, 1), (200, 0.06, 9), (90, 0.3, 2))):
    y = (rng.uniform(size=n) < share).astype(float)
    y[:3] = [1, 0, 1]
    x = rng.normal(size=n)
    a = np.clip(1 / (1 + np.exp(-(1.2 * y - 0.8 + x))), 0.02, 0.98).round(digits)
    b = np.clip(1 / (1 + np.exp(-(1.6 * y - 0.8 + 0.7 * x + 0.7 * rng.normal(size=n)))), 0.02, 0.98).round(digits)
    names = sample(f"iy{i}", y), sample(f"ia{i}", a), sample(f"ib{i}", b)
    P = int(y.sum())
    smaller = min(P, n - P) - 1

    ap = skm.average_precision_score
    error = jackknife(lambda k: ap(y[k], a[k]), n, P / (P - 1))
    case("pr_auc_interval", names[:2], *logit_interval(ap(y, a), error, P - 1))
    error = jackknife(lambda k: ap(y[k], b[k]) - ap(y[k], a[k]), n, P / (P - 1))
    case("pr_auc_difference", names, *t_interval(ap(y, b) - ap(y, a), error, P - 1))

    da, db = (a >= 0.5).astype(float), (b >= 0.5).astype(float)
    mcc = skm.matthews_corrcoef
    half = quantile(0.975, smaller) * jackknife(lambda k: mcc(y[k], da[k]), n) / (1 - mcc(y, da) ** 2)
    case("mcc_interval", names[:2], np.tanh(np.arctanh(mcc(y, da)) - half), np.tanh(np.arctanh(mcc(y, da)) + half))
    for name, metric in (("mcc", mcc), ("f1", skm.f1_score), ("balanced_accuracy", skm.balanced_accuracy_score)):
        error = jackknife(lambda k: metric(y[k], db[k]) - metric(y[k], da[k]), n)
        case(name + "_difference", names, *t_interval(metric(y, db) - metric(y, da), error, smaller))

    # F1 = 2J/(1 + J), where J is a share of the rows that are positive or decided so.
    either = (y == 1) | (da == 1)
    low, high = wilson(int((y * da).sum()), int(either.sum()))
    case("f1_interval", names[:2], 2 * low / (1 + low), 2 * high / (1 + high))
    down = up = 0
    for k in (0, 1):
        right, rows = int((da[y == k] == k).sum()), int((y == k).sum())
        low, high = wilson(right, rows)
        down, up = down + (right / rows - low) ** 2, up + (high - right / rows) ** 2
    middle = skm.balanced_accuracy_score(y, da)
    case("balanced_accuracy_interval", names[:2], middle - np.sqrt(down) / 2, middle + np.sqrt(up) / 2)

    for name, losses in (("log_loss", row_losses), ("brier", lambda y, s: (y - s) ** 2)):
        case(name + "_difference", names, *paired_t(losses(y, a), losses(y, b)))

    # Agresti and Min: Wald's interval after half a row more in each cell.
    gained, lost = np.sum((db == y) & (da != y)) + 0.5, np.sum((da == y) & (db != y)) + 0.5
    middle = (gained - lost) / (n + 2)
    half = stats.norm.ppf(0.975) * np.sqrt((gained + lost - (gained - lost) ** 2 / (n + 2))) / (n + 2)
    case("accuracy_difference", names, np.mean(db == y) - np.mean(da == y), middle - half, middle + half)

# Numbers: MAE is a mean; RMSE and R² by the delta method, with each row's influence.
for i, n in enumerate((60, 250)):
    y = rng.normal(3, 2, size=n)
    shared = rng.standard_t(5, size=n)
    a, b = y + 0.9 * (shared + rng.normal(size=n)), y + 0.6 * (shared + rng.normal(size=n))
    names = sample(f"ry{i}", y), sample(f"ra{i}", a), sample(f"rb{i}", b)
    case("mae_difference", names, *paired_t(abs(y - a), abs(y - b)))
    p, q = (y - a) ** 2, (y - b) ** 2
    influence = (p - p.mean()) / (2 * np.sqrt(p.mean())) - (q - q.mean()) / (2 * np.sqrt(q.mean()))
    case("rmse_difference", names, *t_interval(np.sqrt(p.mean()) - np.sqrt(q.mean()), influence.std(ddof=1) / np.sqrt(n), n - 1))
    gain, spread = skm.r2_score(y, b) - skm.r2_score(y, a), (y - y.mean()) ** 2
    influence = (p - q - gain * spread) / spread.mean()
    case("r2_difference", names, *t_interval(gain, influence.std(ddof=1) / np.sqrt(n), n - 1))

for degrees in (1, 2, 5, 47, 300, 100_000):
    for p in (0.01, 0.6, 0.975, 0.9999):
        case("student_quantile", [p, degrees], quantile(p, degrees))

with open("intervals_reference.json", "w") as out:
    json.dump({"samples": samples, "cases": cases}, out, separators=(",", ":"))
    out.write("\n")
