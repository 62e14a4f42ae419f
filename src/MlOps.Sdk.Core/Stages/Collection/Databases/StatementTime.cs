using System.Data.Common;
using System.Globalization;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace MlOps.Sdk.Collection;

/// <summary>
/// The time that a statement may take. It ends with the caller's token, or when its own time is over, also where the provider does nothing
/// with <see cref="DbCommand.CommandTimeout"/>, as that of DuckDB, or with tokens, as that of SQLite. Thread-safe.
/// </summary>
internal sealed class StatementTime : IDisposable
{
    private static readonly TimeSpan s_longest = TimeSpan.FromDays(40);
    private static readonly TimeSpan s_again = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly DbCommand _command;
    private readonly TimeSpan _limit;
    private readonly CancellationToken _caller;
    private readonly CancellationTokenSource _over;
    private readonly CancellationTokenSource _either;
    private readonly CancellationTokenRegistration _registration;
    private Timer? _timer;
    private bool _isDisposed;

    /// <param name="command">The command with its connection, before it is executed.</param>
    /// <param name="limit">The time that it may take.</param>
    /// <param name="caller">Cancels it.</param>
    public StatementTime(DbCommand command, TimeSpan limit, CancellationToken caller)
    {
        (_command, _limit, _caller) = (command, limit, caller);

        // A second later than this, so that the message is ours.
        command.CommandTimeout = (int)Math.Min(int.MaxValue, Math.Ceiling(limit.TotalSeconds) + 1);
        _over = new CancellationTokenSource(limit < s_longest ? limit : s_longest);
        _either = CancellationTokenSource.CreateLinkedTokenSource(_over.Token, caller);
        _registration = _either.Token.UnsafeRegister(static time => ((StatementTime)time!).Interrupt(), this);
    }

    /// <summary>What the statement is cancelled with.</summary>
    public CancellationToken Token => _either.Token;

    /// <summary>Whether the statement had no time left, while the caller still waited.</summary>
    public bool IsOver => _over.IsCancellationRequested && !_caller.IsCancellationRequested;

    /// <summary>The limit for messages.</summary>
    public string Limit => string.Create(CultureInfo.InvariantCulture, $"{_limit.TotalSeconds:0.###} s");

    public void Dispose()
    {
        lock (_lock)
        {
            _isDisposed = true;
            _timer?.Dispose();
        }

        _registration.Dispose();
        _either.Dispose();
        _over.Dispose();
    }

    // DuckDB forgets an interruption that comes while a statement is prepared, so it is repeated until the statement has ended.
    private void Interrupt()
    {
        lock (_lock)
        {
            if (_isDisposed) return;
            _timer ??= new Timer(static time => ((StatementTime)time!).Interrupt(), this, s_again, s_again);
            try
            {
                if (_command.Connection is SqliteConnection { Handle: { } database }) raw.sqlite3_interrupt(database);
                else _command.Cancel();
            }
            catch (Exception)
            {
                // A provider may throw for a statement that has just ended; what the statement itself throws is what counts.
            }
        }
    }
}
