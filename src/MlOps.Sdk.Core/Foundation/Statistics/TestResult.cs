using System.Text.Json.Serialization;

namespace MlOps.Sdk.Statistics;

/// <summary>The outcome of a statistical test: how significant, and how large. Immutable.</summary>
/// <param name="Test">The test, for example <c>Kolmogorov-Smirnov</c>.</param>
/// <param name="Statistic">The test statistic; NaN when undefined.</param>
/// <param name="PValue">
/// The probability of a statistic at least as extreme when there is no effect; NaN when undefined, and then
/// <paramref name="Note"/> says why.
/// </param>
/// <param name="EffectSize">How large the effect is, in the unit that <paramref name="EffectName"/> names; NaN when undefined.</param>
/// <param name="EffectName">What the effect size is, for example <c>Cohen's d</c>.</param>
/// <param name="N1">The size of the first sample, or of the whole where there is one.</param>
/// <param name="N2">The size of the second sample; 0 where there is none.</param>
/// <param name="Note">What a reader must know about the numbers; <see langword="null"/> when nothing.</param>
[JsonNumberHandling(JsonNumberHandling.AllowNamedFloatingPointLiterals)]
public sealed record TestResult(
    string Test, double Statistic, double PValue, double EffectSize, string EffectName, long N1, long N2, string? Note = null);
