"""Makes reference.json: what SciPy, scikit-learn and statsmodels answer to the inputs that it also holds.

Run with SciPy 1.10, scikit-learn 1.2 and statsmodels 0.13 (the Debian 12 packages python3-scipy, python3-sklearn and
python3-statsmodels), from this folder:

    /usr/bin/python3 make_reference.py

The seed is fixed, so the same versions write the same file.
"""
import decimal
import json
import math
import warnings
from fractions import Fraction

import numpy as np
import sklearn.metrics as skm
from scipy import integrate, special, stats
from scipy.spatial import distance
from scipy.stats import contingency
from statsmodels.stats import contingency_tables, multitest, proportion

warnings.filterwarnings("ignore")
rng = np.random.default_rng(20260)
samples, cases = {}, []


def sample(name, values):
    samples[name] = [float(v) for v in values]
    return name


def get(name):
    return np.array(samples[name])


def case(function, args, *expected):
    cases.append([function, list(args), [e if isinstance(e, (int, float)) and np.isfinite(e) else repr(float(e)).replace("inf", "Infinity").replace("nan", "NaN") for e in map(float, expected)]])


# Samples: normal, shifted, skewed, with ties, small, constant, one value, large.
sample("n50", rng.normal(size=50).round(6))
sample("n60s", (rng.normal(size=60) + 0.4).round(6))
sample("n7", rng.normal(size=7).round(6))
sample("n8", (rng.normal(size=8) + 1).round(6))
sample("n20", rng.normal(size=20).round(6))
sample("n19", (rng.normal(size=19) * 1.7).round(6))
sample("exp200", rng.exponential(size=200).round(5))
sample("exp150", (rng.exponential(size=150) * 1.3).round(5))
sample("ties90", rng.integers(0, 6, size=90))
sample("ties70", rng.integers(1, 7, size=70))
sample("ties12", rng.integers(0, 4, size=12))
sample("ties15", rng.integers(0, 5, size=15))
sample("const5", [3.0] * 5)
sample("const6", [3.0] * 6)
sample("const6b", [4.0] * 6)
sample("one", [0.25])
sample("far30", (rng.normal(size=30) + 6).round(4))
sample("n500", rng.normal(size=500).round(4))
sample("n400", rng.normal(size=400).round(4))
sample("n500b", (rng.normal(size=500) + 0.1).round(4))
sample("big", rng.integers(-3000, 3001, size=10500))
sample("bigB", rng.integers(-2950, 3060, size=11000))
sample("bigC", rng.integers(-3000, 3001, size=10400))
sample("wide", (rng.normal(size=30) * 1e6).round(1))

pairs = [("n50", "n60s"), ("n7", "n8"), ("n8", "n7"), ("n20", "n19"), ("n20", "n20"), ("exp200", "exp150"), ("ties90", "ties70"), ("ties12", "ties15"),
         ("const5", "const6"), ("const6", "const6b"), ("n50", "far30"), ("n7", "exp200"), ("n500", "n400"), ("n500", "n500b"), ("const6", "n50"), ("wide", "n20"), ("one", "n50")]
sides = ["two-sided", "less", "greater"]



def cramer_von_mises(a, b):
    x, y = get(a), get(b)
    r = stats.cramervonmises_2samp(x, y)
    p = r.pvalue
    n1, n2 = len(x), len(y)
    if max(n1, n2) > 20:
        n, product = n1 + n2, n1 * n2
        variance = (n + 1) * (4 * product * n - 3 * (n1**2 + n2**2) - 2 * product) / (45 * n**2 * 4 * product)
        limit = 1 / 6 + (r.statistic - (1 + 1 / n) / 6) / np.sqrt(45 * variance)
        # Far out, SciPy's one minus the distribution function is rounding: Smirnov's integral for the upper tail, with t = pi + s^2.
        if limit > 3.85:
            tail = lambda s: 2 * math.exp(-limit * s**2 * (2 * math.pi + s**2) / 2) / math.sqrt((math.pi + s**2) * np.sinc(s**2 / math.pi))
            p = 2 / math.pi * integrate.quad(tail, 0, 1.7, epsabs=0, epsrel=1e-13, limit=200)[0] * math.exp(-limit * math.pi**2 / 2)
    case("cvm", [a, b], r.statistic, p)


for a, b in pairs:
    x, y = get(a), get(b)
    for s, side in enumerate(sides):
        r = stats.ks_2samp(x, y, alternative=side)
        case("ks", [a, b, s], r.statistic, r.pvalue)
        r = stats.mannwhitneyu(x, y, alternative=side)
        if len(set(np.concatenate([x, y]))) > 1:
            case("mannwhitney", [a, b, s], r.statistic, r.pvalue)
        if len(x) > 1:
            for equal, name in ((True, "student"), (False, "welch")):
                r = stats.ttest_ind(x, y, equal_var=equal, alternative=side)
                if np.isfinite(r.statistic):
                    case(name, [a, b, s], r.statistic, r.pvalue)
    if len(x) > 1:
        cramer_von_mises(a, b)
    if len(set(np.concatenate([x, y]))) > 1:
        r = stats.anderson_ksamp([x, y])
        case("anderson", [a, b], r.statistic, r.significance_level)
    if len(x) >= 5 and len(y) >= 5 and stats.iqr(np.concatenate([x, y])) > 0 and "const" not in a + b:
        r = stats.epps_singleton_2samp(x, y)
        case("epps", [a, b], r.statistic, r.pvalue)
    case("wasserstein", [a, b], stats.wasserstein_distance(x, y))
    case("normalized_wasserstein", [a, b], stats.wasserstein_distance(x, y) / max(np.std(x), 0.001))
    case("energy", [a, b], stats.energy_distance(x, y))
    if len(x) > 1:
        pooled = np.sqrt((np.var(x) * len(x) + np.var(y) * len(y)) / (len(x) + len(y) - 2))
        if pooled > 0:
            case("cohen", [a, b], (x.mean() - y.mean()) / pooled)

for a, b in [("big", "bigB"), ("big", "bigC"), ("big", "n500"), ("big", "n20"), ("ties90", "big"), ("one", "big"), ("bigC", "bigB")]:
    for s, side in enumerate(sides):
        r = stats.ks_2samp(get(a), get(b), alternative=side)
        case("ks", [a, b, s], r.statistic, r.pvalue)

# The finite-n Kolmogorov distribution in every region of its computation.
for n in (1, 2, 5, 17, 100, 140, 141, 500, 5000, 60000, 100000, 100001, 400000, 2000000):
    for z in (0.15, 0.3, 0.45, 0.6, 0.9, 1.2, 1.4, 1.49, 1.8, 2.5, 4.0, 9.0, 19.5):
        d = z / np.sqrt(n)
        if d < 1 and n * z < 4e6:
            case("kstwo", [n, d], stats.kstwo.sf(d, n))
    for d in (0.3 / n, 0.7 / n, 0.99 / n, 1.3 / n, 1 - 0.5 / n, 0.55):
        case("kstwo", [n, d], stats.kstwo.sf(d, n))

# Tables.
tables = [[[10, 20], [30, 25]], [[1, 9], [11, 3]], [[0, 7], [5, 2]], [[12, 5, 9], [4, 14, 8]], [[100, 150], [203, 322], [420, 700], [320, 210]], [[2000, 3100, 50], [1900, 3200, 80]],
          [[5, 5], [5, 5]], [[8, 2], [1, 5]], [[190, 800], [200, 900]], [[3, 0], [0, 4]], [[100000, 200], [99000, 300]], [[0, 3], [0, 4]]]
for t in tables:
    arr = np.array(t)
    if (arr.sum(axis=0) > 0).all():
        for yates in (1, 0):
            r = stats.chi2_contingency(arr, correction=bool(yates))
            case("chi2", [t, yates], r[0], r[1], contingency.association(arr, method="cramer"))
            r = stats.chi2_contingency(arr, correction=bool(yates), lambda_="log-likelihood")
            case("gtest", [t, yates], r[0], r[1])
    if arr.shape == (2, 2):
        for s, side in enumerate(sides):
            odds, p = stats.fisher_exact(arr, alternative=side)
            case("fisher", [t, s], odds, p)
for a, na, b, nb in [(10, 50, 20, 60), (0, 30, 5, 40), (500, 1000, 430, 1000), (2, 7, 7, 7), (9000, 20000, 5000, 20000)]:
    for s, side in enumerate(["two-sided", "smaller", "larger"]):
        z, p = proportion.proportions_ztest([a, b], [na, nb], alternative=side)
        case("proportions", [a, na, b, nb, s], z, p, a / na - b / nb)
    low, high = proportion.confint_proportions_2indep(a, na, b, nb, method="newcomb", compare="diff")
    case("newcombe", [a, na, b, nb, 0.95], low, high)
    for level in (0.9, 0.95, 0.99):
        low, high = proportion.proportion_confint(a, na, 1 - level, "wilson")
        case("wilson", [a, na, level], low, high)
for b, c in [(3, 9), (12, 13), (0, 5), (40, 21), (13, 13), (1000, 900)]:
    r = contingency_tables.mcnemar([[50, b], [c, 50]], exact=b + c <= 25, correction=True)
    case("mcnemar", [b, c], r.statistic, r.pvalue)

# Paired samples.
sample("pair", (0.5 * get("n50") + rng.normal(size=50)).round(6))
sample("pairties", np.floor(get("n50") * 2))
sample("flag", (get("n50") + rng.normal(size=50) > 0).astype(int))
sample("line", 2 * get("n50") + 1)
sample("long", (0.01 * get("big") / 100 + rng.normal(size=10500)).round(3))
for a, b in [("n50", "pair"), ("n50", "pairties"), ("pairties", "pair"), ("n50", "line"), ("big", "long"), ("n7", "n7"), ("flag", "n50")]:
    r = stats.pearsonr(get(a), get(b))
    case("pearson", [a, b], r[0], r[1])
    r = stats.spearmanr(get(a), get(b))
    case("spearman", [a, b], r[0], r[1])
r = stats.pointbiserialr(get("flag"), get("pair"))
case("pointbiserial", ["flag", "pair"], r[0], r[1])
case("mutual_information", ["pairties", "flag"], skm.mutual_info_score(get("pairties"), get("flag")))
case("mutual_information", ["flag", "flag"], skm.mutual_info_score(get("flag"), get("flag")))

# Counts.
for p, q in [([10, 20, 30, 40], [12, 18, 33, 37]), ([0, 5, 95], [10, 0, 90]), ([0.2, 0.3, 0.5], [0.5, 0.3, 0.2]), ([7, 7], [7, 7]), ([1, 0], [0, 1])]:
    a, b = np.array(p, float) / sum(p), np.array(q, float) / sum(q)
    fa, fb = np.maximum(a, 1e-4), np.maximum(b, 1e-4)
    case("psi", [p, q], ((fa - fb) * np.log(fa / fb)).sum())
    case("kl", [p, q], (fa * np.log(fa / fb)).sum())
    case("kl0", [p, q], stats.entropy(p, q))
    case("js", [p, q, 2], distance.jensenshannon(p, q, 2))
    case("js", [p, q, np.e], distance.jensenshannon(p, q, np.e))
    case("hellinger", [p, q], np.sqrt(max(0, 1 - np.sqrt(a * b).sum())))
    case("tv", [p, q], np.abs(a - b).sum() / 2)
    case("linf", [p, q], np.abs(a - b).max())
for name in ("n50", "exp200", "ties90"):
    values = get(name)
    edges = np.unique(np.quantile(values, np.arange(1, 10) / 10))
    if edges[-1] < values.max():
        cases.append(["deciles", [name], [float(e) for e in edges]])
        cases.append(["bins", [name, name], [float(c) for c in np.bincount(np.searchsorted(edges, values, side="left"), minlength=len(edges) + 1)]])

for p in ([0.01, 0.04, 0.03, 0.005, 0.5, 1.0], [0.2], [0.03, 0.03, 0.03], [1e-12, 0.9, 0.05, 0.0499, 0.0]):
    for m, name in enumerate(("fdr_bh", "fdr_by", "holm", "bonferroni")):
        cases.append(["adjust", [p, m], [float(v) for v in multitest.multipletests(p, method=name)[1]]])

# Moments.
for name in ("n50", "exp200", "ties90", "wide"):
    v = get(name)
    case("moments", [name], v.mean(), v.var(ddof=1), stats.skew(v), stats.kurtosis(v), v.min(), v.max())

# Binary classification: continuous scores, scores with ties, scores at 0 and 1.
for i, n in enumerate((200, 60, 2000)):
    y = (rng.random(n) < 0.35).astype(int)
    s = special.expit(rng.normal(size=n) + 1.5 * y - 0.7).round(8 if i == 0 else 1 if i == 1 else 3)
    t = special.expit(rng.normal(size=n) + 1.2 * y - 0.7).round(3)
    d = (s >= 0.5).astype(int)
    Y, S, T, D = sample(f"y{i}", y), sample(f"s{i}", s), sample(f"t{i}", t), sample(f"d{i}", d)
    case("roc_auc", [Y, S], skm.roc_auc_score(y, s))
    case("pr_auc", [Y, S], skm.average_precision_score(y, s))
    case("log_loss", [Y, S], skm.log_loss(y, s))
    case("brier", [Y, S], skm.brier_score_loss(y, s))
    case("accuracy", [Y, D], skm.accuracy_score(y, d))
    case("balanced_accuracy", [Y, D, 2], skm.balanced_accuracy_score(y, d))
    case("precision", [Y, D], skm.precision_score(y, d))
    case("recall", [Y, D], skm.recall_score(y, d))
    case("f1", [Y, D], skm.f1_score(y, d))
    case("mcc", [Y, D, 2], skm.matthews_corrcoef(y, d))
    case("brier_t", [Y, T], skm.brier_score_loss(y, t))
    b = np.minimum(9, np.floor(s * 10)).astype(int)
    case("ece", [Y, S], sum(abs(y[b == k].mean() - s[b == k].mean()) * (b == k).mean() for k in range(10) if (b == k).any()))

    # DeLong by its definition: the kernel over all pairs.
    def components(score):
        kernel = (score[y == 1][:, None] > score[y == 0]) + 0.5 * (score[y == 1][:, None] == score[y == 0])
        return kernel.mean(axis=1), kernel.mean(axis=0), kernel.mean()
    (v1, w1, auc1), (v2, w2, auc2) = components(s), components(t)
    case("delong", [Y, S], auc1, np.var(v1, ddof=1) / len(v1) + np.var(w1, ddof=1) / len(w1))
    error = np.sqrt(np.var(v2 - v1, ddof=1) / len(v1) + np.var(w2 - w1, ddof=1) / len(w1))
    case("delong_compare", [Y, S, T], auc2 - auc1, error, 2 * stats.t.sf(abs(auc2 - auc1) / error, min(len(v1), len(w1)) - 1))
sample("hard", [0, 1, 1, 0, 1, 0.5])
sample("hardy", [0, 1, 0, 0, 1, 1])
case("log_loss", ["hardy", "hard"], skm.log_loss(get("hardy"), get("hard")))

# Several classes.
for i, (n, k) in enumerate(((300, 3), (150, 5))):
    y = rng.integers(0, k, size=n)
    raw = rng.normal(size=(n, k)) + 1.2 * np.eye(k)[y]
    p = special.softmax(raw, axis=1)
    d = p.argmax(axis=1)
    if i == 1:
        d[d == 4] = 0
    Y, P, D = sample(f"my{i}", y), sample(f"mp{i}", p.ravel()), sample(f"md{i}", d)
    case("multi_roc_auc", [Y, P, k], skm.roc_auc_score(y, p, multi_class="ovr"))
    case("multi_log_loss", [Y, P, k], skm.log_loss(y, p))
    case("multi_pr_auc", [Y, P, k], np.mean([skm.average_precision_score(y == c, p[:, c]) for c in range(k)]))
    case("multi_brier", [Y, P, k], ((p - np.eye(k)[y]) ** 2).sum(axis=1).mean())
    case("accuracy", [Y, D], skm.accuracy_score(y, d))
    case("balanced_accuracy", [Y, D, k], skm.balanced_accuracy_score(y, d))
    case("macro_precision", [Y, D, k], skm.precision_score(y, d, average="macro"))
    case("macro_recall", [Y, D, k], skm.recall_score(y, d, average="macro"))
    case("macro_f1", [Y, D, k], skm.f1_score(y, d, average="macro"))
    case("mcc", [Y, D, k], skm.matthews_corrcoef(y, d))

# Regression.
for a, b in [("n50", "pair"), ("n50", "line"), ("exp200", "exp200"), ("big", "long")]:
    y, p = get(a), get(b)
    case("rmse", [a, b], np.sqrt(skm.mean_squared_error(y, p)))
    case("mae", [a, b], skm.mean_absolute_error(y, p))
    case("r2", [a, b], skm.r2_score(y, p))
    case("medae", [a, b], skm.median_absolute_error(y, p))
    case("mape", [a, b], skm.mean_absolute_percentage_error(y, p))

# Extremes. A factor of a power of two changes no digit: what has no unit must not change either, and distances scale with it.
for exponent in (-700, 700):
    names = {}
    for name in ("n50", "n60s", "n20", "n19", "pair"):
        names[name] = sample(f"{name}e{exponent}", np.ldexp(get(name), exponent))
    for a, b in [("n50", "n60s"), ("n20", "n19")]:
        x, y = get(a), get(b)
        for s, side in enumerate(sides):
            for equal, name in ((True, "student"), (False, "welch")):
                r = stats.ttest_ind(x, y, equal_var=equal, alternative=side)
                case(name, [names[a], names[b], s], r.statistic, r.pvalue)
        pooled = np.sqrt((np.var(x) * len(x) + np.var(y) * len(y)) / (len(x) + len(y) - 2))
        case("cohen", [names[a], names[b]], (x.mean() - y.mean()) / pooled)
        r = stats.epps_singleton_2samp(x, y)
        case("epps", [names[a], names[b]], r.statistic, r.pvalue)
        case("wasserstein", [names[a], names[b]], np.ldexp(stats.wasserstein_distance(x, y), exponent))
        case("energy", [names[a], names[b]], np.ldexp(stats.energy_distance(x, y), exponent // 2))
        if exponent > 0:
            case("normalized_wasserstein", [names[a], names[b]], stats.wasserstein_distance(x, y) / np.std(x))
    r = stats.pearsonr(get("n50"), get("pair"))
    case("pearson", [names["n50"], names["pair"]], r[0], r[1])
    rows = get("n20").reshape(10, 2)
    gaps = rows - rows.mean(axis=0)
    cases.append(["mahalanobis", [names["n20"], 2, names["n20"]], [float(v) for v in np.einsum("ij,jk,ik->i", gaps, np.linalg.inv(np.cov(rows.T)), gaps)]])

# Student's t where the degrees of freedom are many: near 0, and far out.
for df in (1, 2, 7.7, 100, 10000, 1000000, 2000000, 100000000):
    for t in (0, 1e-9, 1e-6, 1e-3, 0.1, 1, 1.7, 1.75, 3, 10, 36, 1e10):
        for s in range(3):
            case("student_p", [t, df, s], (2 * special.stdtr(df, -t), special.stdtr(df, t), special.stdtr(df, -t))[s])

# Fisher by whole numbers: no sum of rounded terms.
def fisher(a, b, c, d, side):
    low, high = max(0, a - d), min(a + b, a + c)
    weights = [math.comb(a + b, x) * math.comb(c + d, a + c - x) for x in range(low, high + 1)]
    own = weights[a - low]
    extreme = {"two-sided": [w for w in weights if w <= own], "less": weights[:a - low + 1], "greater": weights[a - low:]}[side]
    return float(Fraction(sum(extreme), sum(weights)))


for t in [[[0, 50], [50, 0]], [[1000, 0], [0, 1000]], [[5, 900], [900, 7]], [[100, 2000], [80, 1500]], [[3, 4000], [20, 4000]]]:
    for s, side in enumerate(sides):
        (a, b), (c, d) = t
        case("fisher", [t, s], a * d / (b * c) if b * c else np.inf, fisher(a, b, c, d, side))

# Mann–Whitney, exact with a long second sample, by whole numbers: the shares of the U below are those of partitions in a box.
first = sample("few8", np.sort(rng.choice(4000, size=8, replace=False)) * 2 + 1)
second = sample("even4000", np.arange(4000) * 2)
u = sum(int(np.sum(get(second) < v)) for v in get(first))
counts = [1] + [0] * (8 * 4000)
for i in range(1, 9):
    for j in range(8 * 4000, 4000 + i - 1, -1):
        counts[j] -= counts[j - 4000 - i]
    for j in range(i, 8 * 4000 + 1):
        counts[j] += counts[j - i]
total = math.comb(4008, 8)
less, greater = Fraction(sum(counts[:u + 1]), total), Fraction(sum(counts[u:]), total)
for s, p in enumerate((min(1, 2 * min(less, greater)), less, greater)):
    case("mannwhitney", [first, second, s], u, float(p))

# Proportions near 1, in 60 decimal places.
decimal.getcontext().prec = 60
for a, na, b, nb in [(999999997, 1000000000, 999999991, 1000000000), (1000000000, 2000000000, 1000030000, 2000000000)]:
    pa, pb, p = (decimal.Decimal(x) / n for x, n in ((a, na), (b, nb), (a + b, na + nb)))
    z = float((pa - pb) / (p * (1 - p) * (1 / decimal.Decimal(na) + 1 / decimal.Decimal(nb))).sqrt())
    case("proportions", [a, na, b, nb, 0], z, 2 * stats.norm.sf(abs(z)), float(pa - pb))


# Covariances and correlations of several columns: means, then both lower triangles with the diagonal. Rows with NaN are left out of both.
def covariances(function, names, keep, columns):
    rows = np.array(columns)[:, keep]
    lower = np.tril_indices(len(rows))
    cases.append([function, names, [float(v) for part in (rows.mean(axis=1), np.cov(rows)[lower], np.corrcoef(rows)[lower]) for v in part]])


sample("n50far", get("n50") + 1e9)
sample("pairfar", get("pair") - 1e7)
sample("n50e400", np.ldexp(get("n50"), 400))
sample("paire-400", np.ldexp(get("pair"), -400))
for names in (["n50", "pair", "pairties", "flag"], ["line", "n50"], ["n50far", "pairfar", "n50", "pair"], ["n50e400", "paire-400", "pairties"], ["ties15", "ties15"], ["big", "long"]):
    columns = [get(name) for name in names]
    covariances("covariances", names, np.ones(len(columns[0]), bool), columns)
covariances("covariances_complete", ["flag", "n50", "pair", "pairties"], get("flag") == 1, [get(name) for name in ("n50", "pair", "pairties")])


# Anderson-Darling of several samples, as one case each; and Cramer-von Mises far out.
for names in (["n50", "n60s"], ["ties90", "ties70"], ["n50", "n60s", "n20"], ["exp200", "exp150", "one"], ["ties90", "ties70", "ties12"], ["n8", "n7", "n19", "n20", "n50"],
              ["ties12", "ties15", "ties70", "ties90", "const5"], ["n500", "n500b", "n400", "far30", "n7"], ["one", "const5", "const6"], ["n50", "n50", "n50", "n50", "n50"]):
    r = stats.anderson_ksamp([get(name) for name in names])
    case("anderson_k", names, r.statistic, r.significance_level)
sample("n500far", get("n500") + 0.6)
sample("expfar", get("exp200") + 2)
for a, b in (("n500", "n500far"), ("expfar", "exp150"), ("far30", "n500")):
    cramer_von_mises(a, b)


def compact(value):
    return int(value) if isinstance(value, float) and value.is_integer() and abs(value) < 1e15 else value


with open("reference.json", "w") as file:
    body = {"samples": {name: [compact(v) for v in values] for name, values in samples.items()}, "cases": cases}
    text = json.dumps(body, separators=(",", ":"), allow_nan=False)
    file.write(text.replace('],["', '],\n["') + "\n")
