using Microsoft.Extensions.Logging;
using MlOps.Sdk.Deployment;
using MlOps.Sdk.Registry;
using MlOps.Sdk.Storage;

namespace MlOps.Sdk.Monitoring;

/// <summary>What monitoring works with.</summary>
internal sealed record MonitoringServices(
    PredictionTable Predictions,
    LabelTable Labels,
    PaneTable Panes,
    MonitoringTable Reports,
    RetrainingTable Retrainings,
    AlertBook Alerts,
    TimeProvider Time,
    ILogger Logger)
{
    /// <summary>
    /// The labels of the version of a model that was promoted last, and whether the data spells them otherwise; <see langword="null"/>
    /// when none was, or its package cannot be read here.
    /// </summary>
    public required Func<string, CancellationToken, Task<PromotedLabels?>> FindPromotedLabels { get; init; }

    /// <summary>Predictions with their labels.</summary>
    public required OutcomeTable Outcomes { get; init; }

    /// <summary>The calls that processes counted.</summary>
    public required CallLog Calls { get; init; }

    /// <summary>What is known of a registered version; <see langword="null"/> when its package cannot be read here.</summary>
    public required Func<string, int, CancellationToken, Task<RecordedModel?>> FindModel { get; init; }

    /// <summary>The evaluation of a version on its holdout by a run; <see langword="null"/> when no run that is kept made one.</summary>
    public required Func<RecordedModel, CancellationToken, Task<ReleasedEvaluation?>> FindEvaluation { get; init; }

    /// <summary>How the calls of a model were divided over its versions, the newest division first.</summary>
    public required Func<string, CancellationToken, Task<IReadOnlyList<TrafficSplit>>> FindDivisions { get; init; }
}
