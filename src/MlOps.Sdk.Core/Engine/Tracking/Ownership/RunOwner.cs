using System.Collections.Concurrent;
using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using MlOps.Sdk.Storage;

namespace MlOps.Sdk.Tracking;

/// <summary>
/// The process that works on a run. A process id alone is given to other processes later; with the start time it is unique.
/// </summary>
/// <param name="Machine">The machine, and on Linux the process id namespace, within which the id means something.</param>
/// <param name="ProcessId">The process id.</param>
/// <param name="ProcessStart">When the process started, in units of the platform; only compared.</param>
internal sealed record RunOwner(string Machine, int ProcessId, long ProcessStart)
{
    /// <summary>While the owner lives it renews the lease every third of this time.</summary>
    public static readonly TimeSpan Lease = TimeSpan.FromSeconds(30);

    // What this process works on, by token, and what it has given up without being able to say so in the database.
    private static readonly ConcurrentDictionary<string, bool> s_isAtWork = new(StringComparer.Ordinal);

    public static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(10);

    /// <summary>This process.</summary>
    public static RunOwner Current { get; } = new(MachineName(), Environment.ProcessId, StartOf(Environment.ProcessId) ?? 0);

    public static RunOwner Of(RunRow row) => new(row.OwnerMachine, row.OwnerProcess, row.OwnerStarted);

    /// <summary>Notes that this process works on a run.</summary>
    /// <param name="token">The token under which it owns the run.</param>
    public static void Begin(string token) => s_isAtWork[token] = true;

    /// <summary>Notes that this process works on a run no longer.</summary>
    /// <param name="token">The token under which it owned the run.</param>
    /// <param name="isRecorded">Whether the database knows; otherwise the token is remembered.</param>
    public static void End(string token, bool isRecorded)
    {
        if (isRecorded) s_isAtWork.TryRemove(token, out _);
        else s_isAtWork[token] = false;
    }

    /// <summary>Whether a run that says it is running really is.</summary>
    public static bool IsAlive(RunRow row, DateTimeOffset now) => IsAlive(row.OwnerToken, Of(row), row.LeaseUntil, now);

    /// <summary>Whether a start that waits really does.</summary>
    public static bool IsAlive(WaitingStartRow row, DateTimeOffset now) =>
        IsAlive(row.OwnerToken, Of(row), row.LeaseUntil, now);

    /// <summary>
    /// Whether somebody may still work on a run that says it is running: what it has put must not be collected, and another one must not
    /// begin beside it. A lease that ran out says nothing of a process that lives here, as the machine may have
    /// slept, or its clock been set.
    /// </summary>
    public static bool MayWork(RunRow row, DateTimeOffset now) => MayWork(row.OwnerToken, Of(row), row.LeaseUntil, now);

    /// <summary>Whether a start that says it waits may still do so.</summary>
    public static bool MayWork(WaitingStartRow row, DateTimeOffset now) => MayWork(row.OwnerToken, Of(row), row.LeaseUntil, now);

    /// <summary>Whether the process ran on this machine and does not any more. Of other machines only the lease tells.</summary>
    public bool IsKnownToBeGone() => Machine == Current.Machine && StartOf(ProcessId) != ProcessStart;

    private static RunOwner Of(WaitingStartRow row) => new(row.OwnerMachine, row.OwnerProcess, row.OwnerStarted);

    private static bool MayWork(string token, RunOwner owner, long leaseUntil, DateTimeOffset now) =>
        s_isAtWork.TryGetValue(token, out var isAtWork) ? isAtWork
        : owner.Machine == Current.Machine ? !owner.IsKnownToBeGone()
        : leaseUntil > now.UtcTicks;

    private static bool IsAlive(string token, RunOwner owner, long leaseUntil, DateTimeOffset now) =>
        leaseUntil > now.UtcTicks && s_isAtWork.GetValueOrDefault(token, true) && !owner.IsKnownToBeGone();

    private static string MachineName()
    {
        // Two containers may have the same name, and the same process ids inside.
        var space = OperatingSystem.IsLinux() ? new FileInfo("/proc/self/ns/pid").LinkTarget : null;
        return space is null ? Environment.MachineName : $"{Environment.MachineName} {space}";
    }

    /// <returns>The start of a living process, or <see langword="null"/>.</returns>
    private static long? StartOf(int processId) => OperatingSystem.IsLinux() ? StartOnLinux(processId) : StartElsewhere(processId);

    // In ticks since boot, which no correction of the clock moves.
    private static long? StartOnLinux(int processId)
    {
        try
        {
            var stat = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{processId}/stat"));
            // The name in parentheses may hold blanks; after it come the state (field 3) and the start time (field 22).
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return fields[0] is "Z" or "X" ? null : long.Parse(fields[19], CultureInfo.InvariantCulture);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static long? StartElsewhere(int processId)
    {
        try
        {
            using var process = Process.GetProcessById(processId);
            return process.StartTime.ToUniversalTime().Ticks;
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or Win32Exception)
        {
            return null;
        }
    }
}
