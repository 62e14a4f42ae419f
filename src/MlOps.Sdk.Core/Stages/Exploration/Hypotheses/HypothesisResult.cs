using System.Text.Json.Serialization;
using MlOps.Sdk.Statistics;

namespace MlOps.Sdk.Exploration;

/// <summary>What testing a hypothesis gave. Immutable.</summary>
/// <param name="Name">The hypothesis.</param>
/// <param name="Test">The test that was run.</param>
/// <param name="Effect">How large the effect is, in the unit that <paramref name="Sentence"/> uses; NaN when undefined.</param>
/// <param name="Interval">The confidence interval of the effect; NaN bounds when undefined.</param>
/// <param name="Verdict">What the rows say.</param>
/// <param name="Sentence">The numbers in plain language.</param>
[JsonNumberHandling(JsonNumberHandling.AllowNamedFloatingPointLiterals)]
public sealed record HypothesisResult(
    string Name, TestResult Test, double Effect, ConfidenceInterval Interval, Verdict Verdict, string Sentence)
{
    /// <summary>The p-value after correction for the number of hypotheses; NaN until corrected.</summary>
    public double AdjustedPValue { get; init; } = double.NaN;

    /// <summary>Whether the claim is that there is no effect: a small p-value then speaks against it. Default: no.</summary>
    public bool ClaimsNoEffect { get; init; }

    /// <summary>The verdict, the claim and the sentence with the numbers.</summary>
    public override string ToString() => $"{Verdict}: {Name}. {Sentence}";
}
