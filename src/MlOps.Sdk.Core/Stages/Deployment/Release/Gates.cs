using System.Globalization;
using MlOps.Sdk.Metrics;
using MlOps.Sdk.Packaging;
using MlOps.Sdk.Plugins;
using MlOps.Sdk.Registry;
using MlOps.Sdk.Reporting;

namespace MlOps.Sdk.Deployment;

/// <summary>Judges a package before it may be deployed.</summary>
/// <param name="metrics">What is required.</param>
/// <param name="readers">The readers of packages.</param>
/// <param name="replacesIncomparable">Whether a live version that cannot be compared may be replaced.</param>
/// <param name="howToReplace">What to call so that it may.</param>
internal sealed class Gates(MetricPlan metrics, FormatReaders readers, bool replacesIncomparable, string howToReplace)
{
    /// <summary>The name of the gate that compares with the live version.</summary>
    public const string Comparison = "better than the live version";

    /// <summary>The name of the gate that reads the package back.</summary>
    public const string Load = "load and predict";

    /// <summary>What is required of a metric that has no target.</summary>
    public const string NoTarget = "no target";

    /// <summary>What was observed of a metric that has no value.</summary>
    public const string Undefined = "undefined";

    public IReadOnlyList<GateResult> Judge(
        byte[] package, IReadOnlyDictionary<string, MetricValue> measured, TrialOutcome trial) =>
    [
        LoadAndPredict(package),
        Target(metrics.Primary, measured[metrics.Primary.Metric.Name]),
        .. metrics.Guards.Select(guard => Guard(guard, measured[guard.Metric.Name])),
        BetterThanChampion(trial),
    ];

    private GateResult LoadAndPredict(byte[] bytes)
    {
        const string name = Load;
        const string required = "the golden rows' scores, to the last bit";
        try
        {
            using var package = PackageFile.Read(bytes, readers);
            return package.CheckGoldenRows() is { } difference
                ? new GateResult(name, GateOutcome.Failed, "different scores", required, difference)
                : new GateResult(
                    name,
                    GateOutcome.Passed,
                    $"{Prose.Count(package.Golden.Rows.Length)} rows equal",
                    required,
                    "The package loads and gives the same predictions.");
        }
        catch (MlOpsException e)
        {
            return new GateResult(name, GateOutcome.Failed, "not loaded", required, e.Message);
        }
    }

    // A target is compared with the unfavourable bound of the interval: what the rows support, not what they happen to show.
    private static GateResult Target(MetricRequirement target, MetricValue value)
    {
        var observed = Show(value);
        if (target.Bounds.Length == 0)
        {
            return new GateResult(
                target.Metric.Name, GateOutcome.NotApplicable, observed, NoTarget, "The metric is optimized without a target.");
        }
        if (!value.IsDefined)
        {
            return new GateResult(
                target.Metric.Name,
                GateOutcome.Failed,
                observed,
                target.Bounds,
                $"The metric is undefined on the holdout: {value.Undefined}");
        }
        var low = value.HasInterval ? value.Lower : value.Value;
        var high = value.HasInterval ? value.Upper : value.Value;
        var kept = (target.AtLeast is not { } least || low >= least) && (target.AtMost is not { } most || high <= most);
        return new GateResult(
            target.Metric.Name,
            kept ? GateOutcome.Passed : GateOutcome.Failed,
            observed,
            target.Bounds,
            (kept && !value.HasInterval ? "The point estimate meets the target; the metric has no interval."
                : kept ? "The unfavourable bound of the 95 % interval meets the target."
                : target.IsKeptBy(value.Value) ? "The point estimate meets the target, but the bound of the 95 % interval does not."
                : "The target is missed.") + OfGap(target.Metric, value));
    }

    // A guard compares the point: small groups have wide intervals and would never pass.
    private static GateResult Guard(MetricRequirement guard, MetricValue value)
    {
        if (!value.IsDefined && value.Undefined is null)
        {
            return new GateResult(
                guard.Metric.Name,
                GateOutcome.Failed,
                Show(value),
                guard.Bounds,
                "The metric is NaN and gives no reason.");
        }
        if (!value.IsDefined)
        {
            return new GateResult(
                guard.Metric.Name,
                GateOutcome.NotApplicable,
                Show(value),
                guard.Bounds,
                $"The metric is undefined on the holdout: {value.Undefined}");
        }
        var kept = guard.IsKeptBy(value.Value);
        var crosses = kept && value.HasInterval && (!guard.IsKeptBy(value.Lower) || !guard.IsKeptBy(value.Upper));
        return new GateResult(
            guard.Metric.Name,
            kept ? GateOutcome.Passed : GateOutcome.Failed,
            Show(value),
            guard.Bounds,
            (!kept ? "The limit is broken."
                : crosses ? "The point estimate meets the limit; warning: the 95 % interval crosses it."
                : "The limit is met.") + OfGap(guard.Metric, value));
    }

    // Max - min is not below 0, so its point alone looks like a proof of a gap.
    private static string OfGap(IMetric metric, MetricValue value)
    {
        if (metric is not BuiltInMetric { Parity: { } parity } || !value.HasInterval) return "";
        if (value.Lower > parity || value.Upper < parity) return " The 95 % interval excludes equal treatment.";
        var nature = parity == 0 ? "a largest difference is never smaller than 0" : "a smallest ratio is never larger than 1";
        return $" The 95 % interval includes equal treatment: {nature}, and chance alone moves it away from there.";
    }

    private GateResult BetterThanChampion(TrialOutcome trial)
    {
        const string name = Comparison;
        if (trial.Champion is not { } champion)
        {
            return new GateResult(name, GateOutcome.NotApplicable, "no version is live", "—", "There is nothing to compare with.");
        }
        if (trial.IsSame)
        {
            return new GateResult(
                name, GateOutcome.NotApplicable, $"same content as version {champion.Version}", "—", "The model is the live one.");
        }
        if (trial.Comparison is not { } comparison)
        {
            return replacesIncomparable
                ? new GateResult(
                    name,
                    GateOutcome.NotApplicable,
                    $"version {champion.Version} cannot be compared",
                    "—",
                    $"It may be replaced without a comparison (ReplaceIncomparable): {trial.Incomparable}.")
                : new GateResult(
                    name,
                    GateOutcome.Failed,
                    $"version {champion.Version} cannot be compared",
                    "a comparison on the same rows",
                    $"The live version stays: {trial.Incomparable}. To replace it anyway, call {howToReplace}.");
        }

        var observed = string.Create(
            CultureInfo.InvariantCulture,
            $"{metrics.Primary.Metric.Name} {Prose.Signed(comparison.Difference)} " +
                $"[{Prose.Signed(comparison.Lower)}, {Prose.Signed(comparison.Upper)}] ({comparison.Level:P1}) " +
                $"on {comparison.Rows:N0} rows");
        var required = FormattableString.Invariant($"lower bound > {comparison.Margin:0.####}");
        return comparison.Lower > comparison.Margin
            ? new GateResult(
                name,
                GateOutcome.Passed,
                observed,
                required,
                $"Better than version {champion.Version} on the same rows, which " + (champion.RunId is null
                    ? "the new one was not trained on. The training rows of the imported one are not known."
                    : "neither was trained on."))
            : new GateResult(
                name,
                GateOutcome.Failed,
                observed,
                required,
                $"Not shown to be better than version {champion.Version} on the same rows; if both are equal, the live version stays.");
    }

    private static string Show(MetricValue value) =>
        !value.IsDefined ? Undefined
        : value.HasInterval ? FormattableString.Invariant($"{value.Value:0.0000} [{value.Lower:0.0000}, {value.Upper:0.0000}]")
        : FormattableString.Invariant($"{value.Value:0.0000}");
}
