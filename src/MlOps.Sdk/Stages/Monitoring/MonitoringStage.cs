using MlOps.Sdk.Execution;

namespace MlOps.Sdk.Monitoring;

/// <summary>Stage 9: puts on record what is watched. The monitors themselves begin with the endpoint.</summary>
internal sealed class MonitoringStage(MonitoringPlan plan, IServiceProvider? services) : IStage
{
    public const string Summary = "summary";

    public LifecycleStage Kind => LifecycleStage.Monitoring;

    public IReadOnlyList<LifecycleStage> Inputs => [LifecycleStage.Deployment];

    public ValueTask DescribeAsync(FingerprintBuilder fingerprint, StageContext context, CancellationToken ct)
    {
        for (var i = 0; i < plan.Monitors.Count; i++) fingerprint.AddObject($"monitor {i + 1}", plan.Monitors[i](services));
        fingerprint.AddObject("retraining", plan.Retraining).Add("minimum rows", $"{plan.MinimumRows}").Add("significance", FormattableString.Invariant($"{plan.SignificanceLevel} {plan.Correction}"));
        return ValueTask.CompletedTask;
    }

    public async ValueTask ExecuteAsync(StageContext context, CancellationToken ct)
    {
        var summary = new MonitoringSummary([.. plan.Monitors.Select(create => create(services).Name)], plan.MinimumRows, plan.SignificanceLevel, plan.Retraining?.Signals ?? []);
        await context.SaveAsync(Summary, summary, MonitoringJson.Default.MonitoringSummary, ct).ConfigureAwait(false);
    }
}
