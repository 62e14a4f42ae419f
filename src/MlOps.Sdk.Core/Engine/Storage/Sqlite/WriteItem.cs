using Microsoft.Data.Sqlite;

namespace MlOps.Sdk.Storage;

/// <summary>A queued write.</summary>
internal abstract class WriteItem
{
    public abstract bool IsCancelled { get; }

    /// <summary>Runs the write; its result is told only by <see cref="Complete"/>, after the commit.</summary>
    public abstract void Execute(SqliteConnection connection);

    public abstract void Complete();

    public abstract void Fail(Exception e);

    public abstract void Cancel();
}
