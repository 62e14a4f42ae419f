using System.Text.Json.Serialization;
using MlOps.Sdk.Reporting;

namespace MlOps.Sdk.Deployment;

/// <summary>What a model says of a row, without a class of the application's own.</summary>
/// <param name="Score">P(positive) for binary, the probability of the chosen class for multiclass, the number for regression.</param>
/// <param name="Label">The class that the answer decides for; <see langword="null"/> for regression.</param>
/// <param name="Scores">All scores: one, or one per class.</param>
[JsonNumberHandling(JsonNumberHandling.AllowNamedFloatingPointLiterals)]
public sealed record ModelAnswer(double Score, string? Label, IReadOnlyList<double> Scores)
{
    /// <summary>The record in a line; of long lists the first ten elements.</summary>
    public override string ToString() => RecordText.Of(this);
}
