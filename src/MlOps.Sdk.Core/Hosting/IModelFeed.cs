namespace MlOps.Sdk;

/// <summary>
/// Where the versions of an endpoint's model come from besides the lifecycles, for example a file that another team writes. Implementations
/// are thread-safe.
/// </summary>
public interface IModelFeed
{
    /// <summary>A name for messages, for example the file's name; without secrets.</summary>
    string Name { get; }

    /// <summary>
    /// Takes in what is there now: it is judged like every model, and goes live only when it passes. Called when the host starts, and after
    /// each change.
    /// </summary>
    /// <param name="workspace">The open workspace.</param>
    /// <param name="cancellationToken">Cancels the import.</param>
    /// <exception cref="MlOpsException">What is there cannot be taken in; what is live stays.</exception>
    Task ImportAsync(Workspace workspace, CancellationToken cancellationToken = default);

    /// <summary>Waits until there is something else than what was imported last; never ends when changes are not watched.</summary>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    Task WaitForChangeAsync(TimeProvider time, CancellationToken cancellationToken = default);
}
