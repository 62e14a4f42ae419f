using System.Globalization;
using MlOps.Sdk.Storage;

namespace MlOps.Sdk.Tracking;

/// <summary>Who is before a start: a run that is in progress, or a start that came earlier.</summary>
/// <param name="Lifecycle">The lifecycle.</param>
/// <param name="RunId">The run; <see langword="null"/> for a start that waits.</param>
/// <param name="Machine">The machine.</param>
/// <param name="ProcessId">The process.</param>
/// <param name="Since">When the run began, or the start came, in UTC.</param>
internal sealed record RunAtWork(string Lifecycle, string? RunId, string Machine, int ProcessId, DateTimeOffset Since)
{
    public static RunAtWork Of(RunRow row) =>
        new(row.Lifecycle, row.Id, NameOf(row.OwnerMachine), row.OwnerProcess, Ticks.ToTime(row.StartedAt));

    public static RunAtWork Of(WaitingStartRow row) =>
        new(row.Lifecycle, null, NameOf(row.OwnerMachine), row.OwnerProcess, Ticks.ToTime(row.Since));

    /// <summary>In words.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{(RunId is null ? "an earlier start" : $"run '{RunId}'")} of process {ProcessId} on {Machine} (since {Since:u})");

    // On Linux, the name space of the process ids stands behind it.
    private static string NameOf(string machine) => machine.Split(' ')[0];
}
