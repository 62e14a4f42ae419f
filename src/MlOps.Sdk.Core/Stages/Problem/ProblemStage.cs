using MlOps.Sdk.Execution;

namespace MlOps.Sdk.Problem;

/// <summary>Stage 1: puts the definition on record.</summary>
internal sealed class ProblemStage(ProblemDefinition problem) : IStage
{
    public const string Definition = "definition";

    /// <summary>The part of the definition that decides what is computed; who owns it and what it is for does not.</summary>
    public const string Task = "task";

    public LifecycleStage Kind => LifecycleStage.Problem;

    public IReadOnlyList<StageInput> Inputs => [];

    public ValueTask<StageWork> PrepareAsync(FingerprintBuilder fingerprint, StageContext context, CancellationToken cancellationToken)
    {
        fingerprint.AddObject("problem", problem);
        return new(new StageWork(token => ExecuteAsync(context, token)));
    }

    private async Task ExecuteAsync(StageContext context, CancellationToken cancellationToken)
    {
        context.Run.LogParameter("task", problem.Task.ToString());
        context.Run.LogParameter("label", problem.Label);
        await context.SaveAsync(Definition, problem, ProblemJson.Default.ProblemDefinition, cancellationToken).ConfigureAwait(false);
        var task = problem with { Objective = null, Owner = null, Risk = default, IsRiskStated = false, Baseline = null };
        await context.SaveAsync(Task, task, ProblemJson.Default.ProblemDefinition, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Reads the part that decides what is computed.</summary>
    public static Task<ProblemDefinition> ReadAsync(StageContext context, CancellationToken cancellationToken) =>
        context.ReadAsync(LifecycleStage.Problem, Task, ProblemJson.Default.ProblemDefinition, cancellationToken);

    /// <summary>Reads all of the definition.</summary>
    public static Task<ProblemDefinition> ReadDefinitionAsync(StageContext context, CancellationToken cancellationToken) =>
        context.ReadAsync(LifecycleStage.Problem, Definition, ProblemJson.Default.ProblemDefinition, cancellationToken);
}
