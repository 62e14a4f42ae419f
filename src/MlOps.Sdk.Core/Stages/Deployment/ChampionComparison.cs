using System.Globalization;
using System.Text.Json.Serialization;

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
        $"{Metric} {ChallengerValue:0.####} against {ChampionValue:0.####} of version {Champion}: better by {Difference:0.####} " +
            $"({100 * Level:0.##} % interval {Lower:0.####} to {Upper:0.####}, margin {Margin:0.####}) on {Rows:N0} rows");
}
