using System.Globalization;
using System.Text.Json.Serialization;
using MlOps.Sdk.Reporting;

namespace MlOps.Sdk.Deployment;

/// <summary>Champion and challenger on the same rows, which neither was trained on.</summary>
/// <param name="Champion">The version that was live.</param>
/// <param name="Metric">The metric compared.</param>
/// <param name="ChampionValue">The champion's value.</param>
/// <param name="ChallengerValue">The challenger's value.</param>
/// <param name="Difference">How much better the challenger is; negative when it is worse, whatever the metric's direction.</param>
/// <param name="Lower">The lower bound of the interval of the difference.</param>
/// <param name="Upper">The upper bound of the interval of the difference.</param>
/// <param name="Level">
/// The confidence of the interval. It rises from 0.97 with every comparison of the lifecycle, so that all together promote by chance with
/// a probability of at most 0.05.
/// </param>
/// <param name="Margin">What the lower bound must exceed.</param>
/// <param name="Rows">Rows compared.</param>
[JsonNumberHandling(JsonNumberHandling.AllowNamedFloatingPointLiterals)]
public sealed record ChampionComparison(
    int Champion,
    string Metric,
    double ChampionValue,
    double ChallengerValue,
    double Difference,
    double Lower,
    double Upper,
    double Level,
    double Margin,
    int Rows)
{
    /// <summary>The comparison in a line.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Metric} {ChallengerValue:0.0000} against {ChampionValue:0.0000} of version {Champion}: better by {Prose.Signed(Difference)} " +
            $"({Level:P1} interval {Prose.Signed(Lower)} to {Prose.Signed(Upper)}, margin {Margin:0.####}) on {Rows:N0} rows");
}
