using System.Data.Common;
using System.Globalization;
using MlOps.Sdk.Storage;

namespace MlOps.Sdk.Audit;

/// <summary>Who worked on runs. Only the log has it, so that nobody can take a name out of it unseen.</summary>
internal static class AuditedWork
{
    public const string Started = "run.started";
    public const string Resumed = "run.resumed";
    public const string Imported = "run.imported";

    private const string Prefix = "run:";
    private const string StartedBy = "startedBy";

    /// <summary>Enters who worked on a run.</summary>
    public static void Append(DbConnection connection, DateTimeOffset at, string action, string run, ActingPerson person) =>
        AuditLog.Append(
            connection, at, person.Name, action, Prefix + run, StorageJson.WriteFields((ActingPerson.IdField, person.EnteredId)));

    /// <summary>The id of who started a run; <see langword="null"/> when the log does not say it.</summary>
    /// <exception cref="MlOpsException">An entry is not as it was written.</exception>
    public static string? Starter(DbConnection connection, string run) => Entries(connection, run)
        .Where(entry => entry.Action is Started or Imported)
        .Select(PersonOf)
        .FirstOrDefault();

    /// <summary>
    /// Enters that a run came from another workspace, and who started it there and when, unless the log says already who started it.
    /// </summary>
    /// <param name="connection">The connection.</param>
    /// <param name="at">When it came.</param>
    /// <param name="run">The run.</param>
    /// <param name="starter">The id of who started it there.</param>
    /// <param name="startedAt">When, in ticks of UTC.</param>
    /// <param name="importer">Who brought it.</param>
    public static void Import(DbConnection connection, DateTimeOffset at, string run, string starter, long startedAt, string importer)
    {
        if (Starter(connection, run) is not null) return;
        AuditLog.Append(connection, at, importer, Imported, Prefix + run, StorageJson.WriteFields(
            (StartedBy, starter),
            ("startedAt", Ticks.ToTime(startedAt).UtcDateTime.ToString("O", CultureInfo.InvariantCulture))));
    }

    /// <summary>The ids of who started a run, or took it up again before its version was there.</summary>
    /// <exception cref="MlOpsException">An entry is not as it was written.</exception>
    public static IEnumerable<string> Of(DbConnection connection, string run) => Entries(connection, run)
        .Where(entry => entry.Action is Started or Resumed or Imported)
        .Select(PersonOf);

    // Who brought a run from another workspace did not work on it.
    private static string PersonOf(AuditRow entry)
    {
        var details = StorageJson.ReadFields(entry.Details);
        return entry.Action == Imported ? details[StartedBy] : ActingPerson.IdOf(entry.Actor, details);
    }

    private static IEnumerable<AuditRow> Entries(DbConnection connection, string run)
    {
        foreach (var (entry, previous) in AuditTable.ReadAbout(connection, Prefix + run))
        {
            if (entry.Hash != AuditChain.Hash(previous, entry))
            {
                throw new Difference(entry.Sequence, $"entry {entry.Sequence} does not match its hash.").ToException();
            }
            yield return entry;
        }
    }
}
