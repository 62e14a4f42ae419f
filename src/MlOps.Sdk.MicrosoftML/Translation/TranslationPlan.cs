using System.Collections.Immutable;
using MlOps.Sdk.Training;

namespace MlOps.Sdk.MLNet;

/// <summary>What a translated model computes, and what it is compared with.</summary>
/// <param name="Scores">The raw score of each output.</param>
/// <param name="Link">From raw scores to predictions, without the division.</param>
/// <param name="Column">The column of the library's that it is compared with.</param>
/// <param name="Exactness">What it is held to.</param>
internal sealed record TranslationPlan(
    ImmutableArray<ScalarScore> Scores, ScoreLink Link, string Column, TranslationExactness Exactness)
{
    /// <summary>The library's class of each output.</summary>
    public ImmutableArray<int> Order { get; init; } = [0];

    /// <summary>Whether the library gives raw scores only, so that the link must be applied to them before they are compared.</summary>
    public bool AppliesLink { get; init; }

    /// <summary>Features of whose missing values the library says something else than was learned.</summary>
    public IReadOnlyList<int> Corrected { get; } = [.. Scores.OfType<TreesScore>().SelectMany(score => score.Corrected).Distinct()];
}
