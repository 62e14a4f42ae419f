using Microsoft.Data.Sqlite;

namespace MlOps.Sdk.Storage;

/// <summary>A queued write with a result.</summary>
internal sealed class WriteItem<T>(Func<SqliteConnection, T> work, CancellationToken cancellationToken) : WriteItem
{
    private readonly TaskCompletionSource<T> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private T _result = default!;

    public Task<T> Task => _completion.Task;

    public override bool IsCancelled => cancellationToken.IsCancellationRequested;

    public override void Execute(SqliteConnection connection) => _result = work(connection);

    public override void Complete() => _completion.TrySetResult(_result);

    public override void Fail(Exception e) => _completion.TrySetException(e);

    public override void Cancel() => _completion.TrySetCanceled(cancellationToken);
}
