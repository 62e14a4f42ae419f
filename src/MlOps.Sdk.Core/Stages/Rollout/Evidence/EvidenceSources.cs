using MlOps.Sdk.Deployment;
using MlOps.Sdk.Storage;

namespace MlOps.Sdk.Rollout;

/// <summary>Where the evidence of rollouts is stored.</summary>
/// <param name="Calls">The calls that processes counted.</param>
/// <param name="Predictions">The recorded predictions.</param>
/// <param name="Outcomes">Predictions with their labels.</param>
internal sealed record EvidenceSources(CallLog Calls, PredictionTable Predictions, OutcomeTable Outcomes);
