using MlOps.Sdk.Execution;
using MlOps.Sdk.Problem;
using MlOps.Sdk.Processing;

namespace MlOps.Sdk.Exploration;

/// <summary>Stage 5: profiles the training rows, and only those, and tests the hypotheses on them.</summary>
internal sealed class ExplorationStage(ExplorationPlan plan, IServiceProvider? services) : IStage
{
    public const string Report = "report";

    private readonly IHypothesis[] _hypotheses = [.. plan.Hypotheses.Select(create => create(services))];

    public LifecycleStage Kind => LifecycleStage.Exploration;

    public IReadOnlyList<StageInput> Inputs => [new(LifecycleStage.Problem, ProblemStage.Task), new(LifecycleStage.Processing, ProcessingStage.Train)];

    public ValueTask DescribeAsync(FingerprintBuilder fingerprint, StageContext context, CancellationToken ct)
    {
        for (var i = 0; i < _hypotheses.Length; i++) fingerprint.AddObject($"hypothesis {i + 1}", _hypotheses[i]);
        fingerprint.Add("significance", FormattableString.Invariant($"{plan.Alpha:R} {plan.Correction}"));
        if (plan.PredictedAt is { } moment) fingerprint.Add("predicted at", moment);
        return ValueTask.CompletedTask;
    }

    public async ValueTask ExecuteAsync(StageContext context, CancellationToken ct)
    {
        var problem = await ProblemStage.ReadAsync(context, ct).ConfigureAwait(false);
        var rows = (await SplitRows.ReadAsync(context, ProcessingStage.Train, ct).ConfigureAwait(false)).Prepared;
        context.Report("explore", 0.3);
        var report = ExplorationAnalysis.Run(rows, problem, _hypotheses, plan.Correction, plan.Alpha, plan.PredictedAt, ct);
        await context.SaveAsync(Report, report, ExplorationJson.Default.ExplorationReport, ct).ConfigureAwait(false);
    }
}
