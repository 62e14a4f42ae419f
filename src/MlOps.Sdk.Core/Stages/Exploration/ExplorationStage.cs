using MlOps.Sdk.Execution;
using MlOps.Sdk.Problem;
using MlOps.Sdk.Processing;

namespace MlOps.Sdk.Exploration;

/// <summary>Stage 5: profiles the training rows, and only those, and tests the hypotheses on them.</summary>
internal sealed class ExplorationStage(ExplorationPlan plan, IServiceProvider services) : IStage
{
    public const string Report = "report";

    private readonly IHypothesis[] _hypotheses = [.. plan.Hypotheses.Select(create => create(services))];

    public LifecycleStage Kind => LifecycleStage.Exploration;

    public IReadOnlyList<StageInput> Inputs =>
    [
        new(LifecycleStage.Problem, ProblemStage.Task),
        new(LifecycleStage.Processing, ProcessingStage.Train)
    ];

    public ValueTask<StageWork> PrepareAsync(FingerprintBuilder fingerprint, StageContext context, CancellationToken cancellationToken)
    {
        for (var i = 0; i < _hypotheses.Length; i++) fingerprint.AddObject($"hypothesis {i + 1}", _hypotheses[i]);
        fingerprint.Add("significance", FormattableString.Invariant($"{plan.Alpha:R} {plan.Correction}"));
        if (plan.PredictedAt is { } moment) fingerprint.Add("predicted at", moment);
        return new(new StageWork(token => ExecuteAsync(context, token)));
    }

    private async Task ExecuteAsync(StageContext context, CancellationToken cancellationToken)
    {
        var problem = await ProblemStage.ReadAsync(context, cancellationToken).ConfigureAwait(false);
        var rows = (await SplitRows.ReadAsync(context, ProcessingStage.Train, cancellationToken).ConfigureAwait(false)).Prepared;
        context.Report("explore", 0.3);
        var report = ExplorationAnalysis.Run(rows, problem, _hypotheses, plan.Correction, plan.Alpha, plan.PredictedAt, cancellationToken);
        await context.SaveAsync(Report, report, ExplorationJson.Default.ExplorationReport, cancellationToken).ConfigureAwait(false);
    }
}
