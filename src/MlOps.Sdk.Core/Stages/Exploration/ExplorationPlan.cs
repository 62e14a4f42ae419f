using MlOps.Sdk.Statistics;

namespace MlOps.Sdk.Exploration;

/// <summary>What stage 5 is asked to do.</summary>
internal sealed record ExplorationPlan(
    IReadOnlyList<Func<IServiceProvider, IHypothesis>> Hypotheses, double Alpha, Correction Correction, string? PredictedAt);
