using Microsoft.Data.Sqlite;

namespace MlOps.Sdk.Storage;

/// <summary>A queued write.</summary>
internal abstract class WriteItem
{
    /// <summary>Takes the write out of its caller's hands: from now on it cannot be cancelled.</summary>
    /// <returns><see langword="false"/> when it was cancelled before, and its caller knows.</returns>
    public abstract bool TryBegin();

    /// <summary>Runs the write; its result is reported only by <see cref="Complete"/>.</summary>
    public abstract void Execute(SqliteConnection connection);

    /// <summary>Keeps what the write threw; it is reported only by <see cref="Complete"/>.</summary>
    public abstract void Reject(Exception e);

    /// <summary>Reports the result, after the commit.</summary>
    public abstract void Complete();

    /// <summary>Reports at once that nothing was written, whatever the write itself said.</summary>
    public abstract void Fail(Exception e);
}
