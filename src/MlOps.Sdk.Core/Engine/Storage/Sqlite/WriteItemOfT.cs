using Microsoft.Data.Sqlite;

namespace MlOps.Sdk.Storage;

/// <summary>A queued write with a result.</summary>
internal sealed class WriteItem<T> : WriteItem
{
    private readonly Func<SqliteConnection, T> _work;
    private readonly CancellationToken _cancellationToken;
    private readonly TaskCompletionSource<T> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenRegistration _registration;
    private T _result = default!;
    private Exception? _rejection;
    private int _taken;

    public WriteItem(Func<SqliteConnection, T> work, CancellationToken cancellationToken)
    {
        _work = work;
        _cancellationToken = cancellationToken;

        // Told at once: the writer may be waiting for another process, and looks at its queue only afterwards.
        _registration = cancellationToken.UnsafeRegister(static item => ((WriteItem<T>)item!).Cancel(), this);
    }

    public Task<T> Task => _completion.Task;

    public override bool TryBegin()
    {
        _registration.Unregister();
        return Interlocked.Exchange(ref _taken, 1) == 0;
    }

    public override void Execute(SqliteConnection connection) => _result = _work(connection);

    public override void Reject(Exception e) => _rejection = e;

    public override void Complete()
    {
        if (_rejection is null) _completion.TrySetResult(_result);
        else _completion.TrySetException(_rejection);
    }

    public override void Fail(Exception e)
    {
        _registration.Unregister();
        _completion.TrySetException(e);
    }

    private void Cancel()
    {
        if (Interlocked.Exchange(ref _taken, 1) == 0) _completion.TrySetCanceled(_cancellationToken);
    }
}
