using System.Data.Common;
using MlOps.Sdk.Storage;

namespace MlOps.Sdk.Tracking;

/// <summary>What lets a run begin: asked within the write that begins it, so that two starts cannot both pass.</summary>
/// <param name="Concurrency">What a start does while another run of the lifecycle is in progress.</param>
/// <param name="Ticket">The place of the start among those that wait.</param>
internal readonly record struct RunGate(RunConcurrency Concurrency, long? Ticket = null)
{
    /// <summary>Lets the start pass, which waits no longer.</summary>
    /// <exception cref="RunInProgressException">Somebody is before it.</exception>
    public void Pass(DbConnection connection, string lifecycle, DateTimeOffset now)
    {
        if (FindBefore(connection, lifecycle, now) is { } atWork) throw new RunInProgressException(atWork);
        if (Ticket is { } ticket) WaitingStartTable.Remove(connection, ticket);
    }

    /// <summary>Who is before the start; <see langword="null"/> when it can begin.</summary>
    public RunAtWork? FindBefore(DbConnection connection, string lifecycle, DateTimeOffset now)
    {
        if (Concurrency == RunConcurrency.Allow) return null;

        // Not only those whose lease holds: when this machine sleeps, all leases run out, and the runs go on when it wakes up.
        var run = RunTable.Running(connection, lifecycle).FirstOrDefault(row => RunOwner.MayWork(row, now));
        if (run is not null) return RunAtWork.Of(run);
        if (Concurrency == RunConcurrency.Reject) return null;
        var start = WaitingStartTable.Before(connection, lifecycle, Ticket ?? long.MaxValue).FirstOrDefault(
            row => RunOwner.IsAlive(row, now));
        return start is null ? null : RunAtWork.Of(start);
    }
}
