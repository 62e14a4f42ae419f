using System.Data.Common;
using MlOps.Sdk.Data;
using MlOps.Sdk.Storage;

namespace MlOps.Sdk.Registry;

/// <summary>Decides what of another workspace is said here, too: only what nobody said or took back here.</summary>
internal static class CatalogMerge
{
    /// <summary>What changing something needs.</summary>
    public static ReleaseAction ActionOf(ForeignChange change) =>
        change.Change.Property == RegistryTable.Archived ? ReleaseAction.Archive : ReleaseAction.Describe;

    /// <summary>The changes that are not as they hold here, each with why it is not made; <see langword="null"/> where it is.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="changes">What was said, of one model.</param>
    /// <param name="refusals">What the actor may not.</param>
    /// <param name="at">The moment.</param>
    public static IReadOnlyList<(ForeignChange Change, string? Obstacle)> Plan(
        DbConnection connection,
        IReadOnlyList<ForeignChange> changes,
        IReadOnlyDictionary<ReleaseAction, string> refusals,
        DateTimeOffset at)
    {
        var plan = new List<(ForeignChange, string?)>();
        foreach (var foreign in changes)
        {
            var change = foreign.Change;
            var isDescription = change.Property == RegistryTable.Description;

            // A version that is not there yet will be registered with its own description.
            var registered = !isDescription || change.Version == 0 ? null
                : ModelVersionTable.Find(connection, change.Model, change.Version) is { } row ? row.Description : foreign.Registered;
            if (RegistryTable.Find(connection, change.Model, change.Version, RegistryTable.Deleted) is not null) continue;
            if ((Now(connection, change) ?? registered ?? (isDescription ? "" : null)) == change.Value) continue;
            plan.Add((foreign, ObstacleOf(connection, foreign, registered, at) ?? refusals.GetValueOrDefault(ActionOf(foreign))));
        }

        return plan;
    }

    /// <summary>What holds here of what a change is about; <see langword="null"/> for nothing.</summary>
    public static string? Now(DbConnection connection, RegistryChangeRow change) =>
        RegistryTable.Find(connection, change.Model, change.Version, change.Property, change.Name);

    private static string? ObstacleOf(DbConnection connection, ForeignChange foreign, string? registered, DateTimeOffset at)
    {
        var change = foreign.Change;
        var what = change.Property switch
        {
            RegistryTable.Tag => $"The tag '{PrintableText.Shorten(change.Name)}'",
            RegistryTable.Description => "The description",
            _ => "The archiving",
        };
        var last = RegistryTable.FindLast(connection, change.Model, change.Version, change.Property, change.Name);
        if (last is { Value: null }) return $"{what} was taken back here, which was left as it is.";
        if (last is not null || (registered is not null && registered != foreign.Registered))
        {
            return $"{what} has another value here, which was left as it is.";
        }
        return change.Property == RegistryTable.Archived && VersionUse.Find(connection, change.Model, change.Version, at) is { } use
            ? $"It {use} here, and was not archived."
            : null;
    }
}
