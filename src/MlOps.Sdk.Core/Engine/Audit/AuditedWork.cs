using System.Data.Common;
using MlOps.Sdk.Storage;

namespace MlOps.Sdk.Audit;

/// <summary>Who worked on runs. Only the log has it, so that nobody can take a name out of it unseen.</summary>
internal static class AuditedWork
{
    public const string Started = "run.started";
    public const string Resumed = "run.resumed";

    private const string Prefix = "run:";

    /// <summary>Enters who worked on a run.</summary>
    public static void Append(DbConnection connection, DateTimeOffset at, string action, string run, ActingPerson person) =>
        AuditLog.Append(
            connection, at, person.Name, action, Prefix + run, StorageJson.WriteFields((ActingPerson.IdField, person.EnteredId)));

    /// <summary>The id of who started a run; <see langword="null"/> when the log does not say it.</summary>
    /// <exception cref="MlOpsException">An entry is not as it was written.</exception>
    public static string? Starter(DbConnection connection, string run) => Entries(connection, run)
        .Where(entry => entry.Action == Started)
        .Select(entry => ActingPerson.IdOf(entry.Actor, StorageJson.ReadFields(entry.Details)))
        .FirstOrDefault();

    /// <summary>Enters who started a run that came from another workspace, unless the log says it already.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="at">When it came.</param>
    /// <param name="run">The run.</param>
    /// <param name="starter">The id of who started it there.</param>
    /// <param name="importer">Who brought it.</param>
    public static void Import(DbConnection connection, DateTimeOffset at, string run, string starter, string importer)
    {
        if (Starter(connection, run) is null) Append(connection, at, Started, run, new ActingPerson(starter, importer));
    }

    /// <summary>The ids of who started a run, or took it up again before its version was there.</summary>
    /// <exception cref="MlOpsException">An entry is not as it was written.</exception>
    public static IEnumerable<string> Of(DbConnection connection, string run) => Entries(connection, run)
        .Where(entry => entry.Action is Started or Resumed)
        .Select(entry => ActingPerson.IdOf(entry.Actor, StorageJson.ReadFields(entry.Details)));

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
