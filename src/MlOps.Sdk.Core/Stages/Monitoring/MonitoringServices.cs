using Microsoft.Extensions.Logging;
using MlOps.Sdk.Storage;

namespace MlOps.Sdk.Monitoring;

/// <summary>What monitoring works with.</summary>
internal sealed record MonitoringServices(
    PredictionTable Predictions,
    LabelTable Labels,
    MonitoringTable Reports,
    RetrainingTable Retrainings,
    TimeProvider Time,
    ILogger Logger);
