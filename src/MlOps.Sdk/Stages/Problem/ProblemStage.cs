using MlOps.Sdk.Execution;

namespace MlOps.Sdk.Problem;

/// <summary>Stage 1: puts the definition on record.</summary>
internal sealed class ProblemStage(ProblemDefinition problem) : IStage
{
    public const string Definition = "definition";

    public LifecycleStage Kind => LifecycleStage.Problem;

    public IReadOnlyList<LifecycleStage> Inputs => [];

    public ValueTask DescribeAsync(FingerprintBuilder fingerprint, StageContext context, CancellationToken ct)
    {
        fingerprint.AddObject("problem", problem);
        return ValueTask.CompletedTask;
    }

    public async ValueTask ExecuteAsync(StageContext context, CancellationToken ct)
    {
        context.Run.LogParameter("task", problem.Task.ToString());
        context.Run.LogParameter("label", problem.Label);
        await context.SaveAsync(Definition, problem, ProblemJson.Default.ProblemDefinition, ct).ConfigureAwait(false);
    }

    public static Task<ProblemDefinition> ReadAsync(StageContext context, CancellationToken ct) =>
        context.ReadAsync(LifecycleStage.Problem, Definition, ProblemJson.Default.ProblemDefinition, ct);
}
