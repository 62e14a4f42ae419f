using Microsoft.Extensions.Logging;
using MlOps.Sdk.Plugins;

namespace MlOps.Sdk.Execution;

/// <summary>Cancels a stage that takes longer than it may.</summary>
internal sealed class StageBudget : IDisposable
{
    private readonly LifecycleStage _stage;
    private readonly TimeSpan _budget;
    private readonly CancellationTokenSource _limit;
    private readonly PluginCancellation _cancellation;

    /// <param name="stage">The stage.</param>
    /// <param name="budget">How long it may take.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Where it is told that a plug-in threw when it was cancelled.</param>
    /// <param name="cancellationToken">Cancels the stage, too.</param>
    public StageBudget(LifecycleStage stage, TimeSpan budget, TimeProvider time, ILogger logger, CancellationToken cancellationToken)
    {
        (_stage, _budget) = (stage, budget);
        _limit = new CancellationTokenSource(budget, time);
        _cancellation = new PluginCancellation(logger, cancellationToken, _limit.Token);
    }

    /// <summary>Cancels the stage.</summary>
    public CancellationToken Token => _cancellation.Token;

    /// <summary>Whether it took too long.</summary>
    public bool IsExceeded => _limit.IsCancellationRequested;

    /// <summary>The failure of the stage that took too long.</summary>
    /// <param name="cause">How its work ended.</param>
    public MlOpsException Failure(Exception cause) => new(
        $"Stage {_stage} took longer than its budget of {_budget:c}.",
        $"Resume the run, which continues with this stage, or allow more time with Budget(LifecycleStage.{_stage}, …).",
        new TimeoutException(cause.Message, cause)) { Stage = _stage };

    public void Dispose()
    {
        _cancellation.Dispose();
        _limit.Dispose();
    }
}
