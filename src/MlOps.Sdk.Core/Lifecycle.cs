using MlOps.Sdk.Monitoring;
using MlOps.Sdk.Plugins;

namespace MlOps.Sdk;

/// <summary>A lifecycle that was built: it runs, resumes, and retrains when its monitors ask for it. Immutable and thread-safe.</summary>
public sealed class Lifecycle
{
    private readonly LifecyclePlan _plan;

    internal Lifecycle(LifecyclePlan plan) => _plan = plan;

    /// <summary>The name, which is also the model's.</summary>
    public string Name => _plan.Name;

    internal bool IsMonitored => _plan.Monitoring is not null;

    internal bool Retrains => _plan.Monitoring?.Retraining is not null;

    /// <summary>Lets the monitors of this lifecycle watch its model in this process, without a run.</summary>
    internal void Watch(Workspace workspace, IServiceProvider? services) =>
        workspace.Monitor(Name).Configure(new MonitoringPolicy(_plan.Monitoring!, services));

    /// <summary>
    /// What a retraining that is asked for waits for; <see langword="null"/> when none is asked for or nothing is missing.
    /// </summary>
    internal async Task<string?> FindMissingAsync(Workspace workspace, IServiceProvider? services, CancellationToken cancellationToken)
    {
        if (_plan.Monitoring?.Retraining is not { } rule
            || await workspace.MonitoringServices.Retrainings.FindOpenAsync(Name, cancellationToken).ConfigureAwait(false) is null)
        {
            return null;
        }
        var scope = PluginServices.CreateScope(services);
        await using (scope.ConfigureAwait(false))
        {
            return (await new Retraining(workspace, _plan, rule, scope.ServiceProvider).FindMissingAsync(
                cancellationToken).ConfigureAwait(false))?.Problem;
        }
    }

    /// <summary>Runs the stages. What is up to date is reused; the run says why each stage ran or was reused.</summary>
    /// <param name="workspace">Where runs, models and data are kept.</param>
    /// <param name="progress">Receives how far the run is.</param>
    /// <param name="cancellationToken">Cancels the run: it ends as Cancelled and can be resumed.</param>
    /// <exception cref="MlOpsException">
    /// A stage failed: the exception says which, why and what to do. The run is recorded as Failed and can be resumed.
    /// </exception>
    public Task<LifecycleRun> RunAsync(
        Workspace workspace, IProgress<LifecycleProgress>? progress = null, CancellationToken cancellationToken = default) =>
        RunAsync(workspace, new RunOptions(), progress, cancellationToken);

    /// <summary>Runs the stages.</summary>
    /// <param name="workspace">Where runs, models and data are kept.</param>
    /// <param name="options">How to run.</param>
    /// <param name="progress">Receives how far the run is.</param>
    /// <param name="cancellationToken">Cancels the run: it ends as Cancelled and can be resumed.</param>
    /// <exception cref="MlOpsException">
    /// A stage failed: the exception says which, why and what to do. The run is recorded as Failed and can be resumed. Or it took longer than
    /// its timeout: then it is Cancelled.
    /// </exception>
    /// <exception cref="ArgumentOutOfRangeException">A time of the options is out of its range.</exception>
    public async Task<LifecycleRun> RunAsync(
        Workspace workspace,
        RunOptions options,
        IProgress<LifecycleProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(workspace);
        ArgumentNullException.ThrowIfNull(options);
        options.RequireValid();
        var scope = PluginServices.CreateScope(options.Services);
        await using (scope.ConfigureAwait(false))
        {
            return await new LifecycleExecution(workspace, _plan, options, scope.ServiceProvider).RunAsync(
                progress, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Goes on with a run that failed, was cancelled or whose process ended: the stages before are not repeated.</summary>
    /// <param name="workspace">The workspace of the run.</param>
    /// <param name="runId">The run.</param>
    /// <param name="progress">Receives how far the run is.</param>
    /// <param name="cancellationToken">Cancels the run.</param>
    /// <exception cref="MlOpsException">There is no such run, it is running or has succeeded, or a stage failed.</exception>
    public Task<LifecycleRun> ResumeAsync(
        Workspace workspace, string runId, IProgress<LifecycleProgress>? progress = null, CancellationToken cancellationToken = default) =>
        ResumeAsync(workspace, runId, new RunOptions(), progress, cancellationToken);

    /// <summary>Goes on with a run that failed, was cancelled or whose process ended: the stages before are not repeated.</summary>
    /// <param name="workspace">The workspace of the run.</param>
    /// <param name="runId">The run.</param>
    /// <param name="options">How to run; the run keeps its cause.</param>
    /// <param name="progress">Receives how far the run is.</param>
    /// <param name="cancellationToken">Cancels the run.</param>
    /// <exception cref="MlOpsException">There is no such run, it is running or has succeeded, or a stage failed.</exception>
    public Task<LifecycleRun> ResumeAsync(
        Workspace workspace,
        string runId,
        RunOptions options,
        IProgress<LifecycleProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        return RunAsync(workspace, options with { Resume = runId }, progress, cancellationToken);
    }

    /// <summary>
    /// Answers a retraining that the monitors asked for: trains a challenger on the rows that the rule names, compares it with the live
    /// version on rows that neither was trained on, and promotes it only when it is better.
    /// </summary>
    /// <param name="workspace">The workspace of the model.</param>
    /// <param name="progress">Receives how far the run is.</param>
    /// <param name="cancellationToken">Cancels the run.</param>
    /// <returns>The run; <see langword="null"/> when no retraining is asked for, or another process answers it.</returns>
    /// <exception cref="MlOpsException">
    /// The lifecycle has no retraining rule, too few labels have arrived, or too few requests for its rollout, or a stage failed: the
    /// retraining stays asked for, until it failed three times.
    /// </exception>
    public Task<LifecycleRun?> RetrainAsync(
        Workspace workspace, IProgress<LifecycleProgress>? progress = null, CancellationToken cancellationToken = default) =>
        RetrainAsync(workspace, new RunOptions(), progress, cancellationToken);

    /// <summary>Answers a retraining that the monitors asked for, like the form without options.</summary>
    /// <param name="workspace">The workspace of the model.</param>
    /// <param name="options">How to run. The cause is the signal that asked, and nothing is resumed.</param>
    /// <param name="progress">Receives how far the run is.</param>
    /// <param name="cancellationToken">Cancels the run.</param>
    /// <returns>The run; <see langword="null"/> when no retraining is asked for, or another process answers it.</returns>
    /// <exception cref="MlOpsException">
    /// The lifecycle has no retraining rule, too few labels have arrived, or too few requests for its rollout, or a stage failed: the
    /// retraining stays asked for, until it failed three times.
    /// </exception>
    public async Task<LifecycleRun?> RetrainAsync(
        Workspace workspace,
        RunOptions options,
        IProgress<LifecycleProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(workspace);
        ArgumentNullException.ThrowIfNull(options);
        options.RequireValid();
        var rule = _plan.Monitoring?.Retraining
            ?? throw new MlOpsException($"'{Name}' has no retraining rule.", "Add RetrainOn(…) to MonitorModel.");
        if (await workspace.MonitoringServices.Retrainings.FindOpenAsync(
            Name, cancellationToken).ConfigureAwait(false) is not { } asked)
        {
            return null;
        }

        var scope = PluginServices.CreateScope(options.Services);
        await using (scope.ConfigureAwait(false))
        {
            var retraining = new Retraining(workspace, _plan, rule, scope.ServiceProvider);
            if (await retraining.FindMissingAsync(cancellationToken).ConfigureAwait(false) is var (problem, remedy))
            {
                throw new MlOpsException(problem, remedy);
            }
            var plan = await retraining.PlanAsync(cancellationToken).ConfigureAwait(false);
            return await new LifecycleExecution(workspace, plan, options, scope.ServiceProvider).TryRetrainAsync(
                asked, progress, cancellationToken).ConfigureAwait(false);
        }
    }
}
