using MlOps.Sdk.Plugins;
using MlOps.Sdk.Registry;
using MlOps.Sdk.Storage;

namespace MlOps.Sdk.Deployment;

/// <summary>Lets a version begin to take the place of the live one step by step.</summary>
internal interface IRolloutStart
{
    /// <summary>The strategies and guards that have not returned from an earlier check.</summary>
    CallsLeftBehind LeftBehind { get; }

    /// <summary>The last decision on a rollout of a version; <see langword="null"/> when there never was one.</summary>
    Task<RolloutRow?> FindOfAsync(string model, int version, CancellationToken cancellationToken);

    /// <summary>Whether a candidate finds no room beside the arms of an application.</summary>
    /// <param name="model">The model.</param>
    /// <param name="candidate">The version.</param>
    /// <param name="largest">The largest share that it gets.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>Why there is none, in a clause; <see langword="null"/> when there is.</returns>
    Task<string?> FindMisfitAsync(string model, int candidate, double largest, CancellationToken cancellationToken);

    /// <summary>Gives a candidate a share of the calls, and ends the rollout of another one.</summary>
    /// <param name="live">The live version.</param>
    /// <param name="candidate">The version, which is blessed.</param>
    /// <param name="strategy">The name of the strategy.</param>
    /// <param name="share">The share, 0 to 1.</param>
    /// <param name="largest">The largest share that it gets.</param>
    /// <param name="largestError">What larger absolute errors count as where no guard says otherwise; infinity for none.</param>
    /// <param name="reason">Why, for the record.</param>
    /// <param name="cancellationToken">Cancels until it is recorded.</param>
    /// <exception cref="MlOpsException">
    /// The actor may not divide calls, the candidate cannot be served, or it finds no room beside the arms of an application.
    /// </exception>
    /// <exception cref="ConcurrencyException">Another version went live, or somebody else decided meanwhile.</exception>
    Task StartAsync(
        ModelVersion live,
        ModelVersion candidate,
        string strategy,
        double share,
        double largest,
        double largestError,
        string reason,
        CancellationToken cancellationToken);
}
