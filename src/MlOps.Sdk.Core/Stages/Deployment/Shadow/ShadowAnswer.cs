using System.Text.Json.Serialization;
using MlOps.Sdk.Reporting;

namespace MlOps.Sdk.Deployment;

/// <summary>What a shadow said of a call, beside what the caller got.</summary>
/// <param name="Id">The id of the prediction.</param>
/// <param name="At">When the shadow answered, in UTC.</param>
/// <param name="Arm">The arm that answered the caller.</param>
/// <param name="LiveVersion">The version that answered the caller.</param>
/// <param name="ShadowVersion">The version of the shadow.</param>
/// <param name="LiveScore">
/// The score of the caller's answer: P(positive), the probability of the chosen class of several, or the number of a regression.
/// </param>
/// <param name="ShadowScore">The score of the shadow's answer; <see langword="null"/> when it failed.</param>
/// <param name="LiveLabel">The class of the caller's answer; <see langword="null"/> for a regression.</param>
/// <param name="ShadowLabel">The class of the shadow's answer; <see langword="null"/> for a regression, and when it failed.</param>
/// <param name="Latency">How long the shadow took to score the row.</param>
/// <param name="Error">Why it failed; <see langword="null"/> when it answered.</param>
[JsonNumberHandling(JsonNumberHandling.AllowNamedFloatingPointLiterals)]
public sealed record ShadowAnswer(
    PredictionId Id,
    DateTimeOffset At,
    string Arm,
    int LiveVersion,
    int ShadowVersion,
    double LiveScore,
    double? ShadowScore,
    string? LiveLabel,
    string? ShadowLabel,
    TimeSpan Latency,
    string? Error)
{
    /// <summary>Whether the shadow decides for another class; never for a regression, and where it failed.</summary>
    public bool IsChanged => Error is null && LiveLabel != ShadowLabel;

    /// <summary>By how much the scores differ, at least 0; <see langword="null"/> where the shadow failed.</summary>
    public double? Difference => ShadowScore is { } score ? Math.Abs(score - LiveScore) : null;

    /// <summary>The record in a line, whatever the culture.</summary>
    public override string ToString() => RecordText.Of(this);
}
