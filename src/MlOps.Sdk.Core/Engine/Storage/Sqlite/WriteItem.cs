using Microsoft.Data.Sqlite;

namespace MlOps.Sdk.Storage;

/// <summary>A queued write.</summary>
internal abstract class WriteItem
{
    /// <summary>Takes the write out of its caller's hands: from now on it cannot be cancelled.</summary>
    /// <returns><see langword="false"/> when it was cancelled before, and its caller knows.</returns>
    public abstract bool TryBegin();

    /// <summary>Runs the write; its result is reported only by <see cref="Complete"/>, after the commit.</summary>
    public abstract void Execute(SqliteConnection connection);

    public abstract void Complete();

    public abstract void Fail(Exception e);
}
