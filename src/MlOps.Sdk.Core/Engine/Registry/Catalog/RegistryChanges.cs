using System.Data.Common;
using System.Globalization;
using MlOps.Sdk.Audit;
using MlOps.Sdk.Data;
using MlOps.Sdk.Storage;
using MlOps.Sdk.Tracking;

namespace MlOps.Sdk.Registry;

/// <summary>
/// Changes what people say of models and versions. Each change is one commit with its history and audit entry, and is made only by who may.
/// Thread-safe.
/// </summary>
internal sealed class RegistryChanges(RelationalStore store, CurrentActor acting)
{
    /// <summary>Sets or removes an alias, if it points to what the caller expects.</summary>
    /// <param name="model">The model.</param>
    /// <param name="alias">The alias.</param>
    /// <param name="version">The version; <see langword="null"/> to remove the alias.</param>
    /// <param name="expected">What it points to; 0 when it must not exist, <see langword="null"/> for anything.</param>
    /// <param name="reason">Why.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<AliasChange> SetAliasAsync(
        string model, string alias, int? version, int? expected, string reason, CancellationToken cancellationToken)
    {
        RequireAlias(alias);
        RunText.Check(reason, nameof(reason), RunText.LongestValue);
        var change = await WriteAsync(model, ReleaseAction.SetAlias, (connection, actor) =>
        {
            if (AliasTable.Route(connection, model, alias) is not null)
            {
                throw new MlOpsException(
                    $"The alias '{alias}' of '{model}' says what is served, so that only a promotion moves it.",
                    "Use a run, a rollout or RollbackAsync to change what is served, or another alias.") { IsOfCaller = true };
            }
            if (version is { } named) RequireUsable(connection, model, named, $"cannot have the alias '{alias}'");
            var now = RegistryTable.Find(connection, model, 0, RegistryTable.Alias, alias);
            int? actual = now is null ? null : int.Parse(now, CultureInfo.InvariantCulture);
            if (expected is { } known && known != (actual ?? 0))
            {
                throw ModelRegistry.Conflict(
                    model,
                    alias,
                    known == 0 ? null : known,
                    actual,
                    "Somebody else moved it: read the aliases again, and set it if it is still to move.");
            }
            if (version is null && actual is null)
            {
                var near = NearestName.Find(alias, CatalogReading.Aliases(connection, model).Select(each => each.Alias));
                throw Missing(
                    $"'{model}' has no alias '{alias}'.",
                    near is null ? "AliasesAsync lists its aliases." : $"Did you mean '{near}'?");
            }
            var row = Write(
                connection, new RegistryChangeRow
                {
                    Model = model,
                    Property = RegistryTable.Alias,
                    Name = alias,
                    Value = version?.ToString(CultureInfo.InvariantCulture),
                    Previous = now,
                    Actor = actor,
                    Reason = reason,
                },
                version ?? actual!.Value,
                version is null ? "version.unaliased" : "version.aliased");
            return RegistryRecords.ToChange(row);
        }, cancellationToken).ConfigureAwait(false);
        CatalogLog.Aliased(
            store.Logger,
            alias,
            PrintableText.Clean(model),
            change.IsRemoval ? "taken from" : "set to",
            change.Version,
            PrintableText.Clean(change.Actor),
            PrintableText.Line(reason));
        return change;
    }

    /// <summary>Sets or removes a tag of a version, or of the model itself.</summary>
    /// <returns>Whether anything changed.</returns>
    public Task<bool> SetTagAsync(string model, int? version, string name, string? value, CancellationToken cancellationToken)
    {
        RunText.Check(name, nameof(name));
        if (!string.IsNullOrEmpty(value)) RunText.Check(value, nameof(value), RunText.LongestValue);
        return SetAsync(
            ReleaseAction.Describe, new RegistryChangeRow
            {
                Model = model,
                Version = version ?? 0,
                Property = RegistryTable.Tag,
                Name = name,
                Value = value,
            },
            value is null ? "untagged" : "tagged",
            cancellationToken);
    }

    /// <summary>Describes a version, or the model itself; with <see langword="null"/>, what was said is taken back.</summary>
    /// <returns>Whether anything changed.</returns>
    public Task<bool> DescribeAsync(string model, int? version, string? description, CancellationToken cancellationToken)
    {
        if (description is not null) RunText.Check(description, nameof(description), RunText.LongestNote);
        return SetAsync(
            ReleaseAction.Describe,
            new RegistryChangeRow { Model = model, Version = version ?? 0, Property = RegistryTable.Description, Value = description },
            "described",
            cancellationToken);
    }

    /// <summary>Archives a version, or takes it back.</summary>
    /// <returns>Whether anything changed.</returns>
    public async Task<bool> ArchiveAsync(string model, int version, bool isArchived, string reason, CancellationToken cancellationToken)
    {
        RunText.Check(reason, nameof(reason), RunText.LongestValue);
        var who = await WriteAsync<string?>(model, ReleaseAction.Archive, (connection, actor) =>
        {
            RequireNotDeleted(RegistryRecords.Get(connection, model, version), "cannot be archived or taken back");
            var now = RegistryTable.Find(connection, model, version, RegistryTable.Archived);
            if ((now is not null) == isArchived) return null;
            if (isArchived && VersionUse.Find(connection, model, version, store.Clock.GetUtcNow()) is { } use)
            {
                throw new MlOpsException(
                    $"Version {version} of '{model}' {use}, and cannot be archived.",
                    "Let another version take its place, remove what uses it, or reject its approval.") { IsOfCaller = true };
            }
            Write(
                connection, new RegistryChangeRow
                {
                    Model = model,
                    Version = version,
                    Property = RegistryTable.Archived,
                    Value = isArchived ? "true" : null,
                    Previous = now,
                    Actor = actor,
                    Reason = reason,
                },
                version,
                isArchived ? "version.archived" : "version.unarchived");
            return actor;
        }, cancellationToken).ConfigureAwait(false);
        if (who is null) return false;
        CatalogLog.Archived(
            store.Logger,
            version,
            PrintableText.Clean(model),
            isArchived ? "archived" : "taken back",
            PrintableText.Clean(who),
            PrintableText.Line(reason));
        return true;
    }

    /// <summary>Deletes a version: its record stays, and its package is let go.</summary>
    public async Task<VersionDeletion> DeleteAsync(string model, int version, string reason, CancellationToken cancellationToken)
    {
        RunText.Check(reason, nameof(reason), RunText.LongestValue);
        var deletion = await WriteAsync(model, ReleaseAction.Delete, (connection, actor) =>
        {
            RequireNotDeleted(RegistryRecords.Get(connection, model, version), "cannot be deleted again");
            if (VersionUse.Find(connection, model, version, store.Clock.GetUtcNow()) is { } use)
            {
                throw new MlOpsException(
                    $"Version {version} of '{model}' {use}, and cannot be deleted.",
                    "Let another version take its place, remove what uses it, or reject its approval.") { IsOfCaller = true };
            }
            if (AliasMoves.FindEarlier(connection, model, ModelRegistry.Champion) == version)
            {
                throw new MlOpsException(
                    $"Version {version} of '{model}' is the one that a rollback goes back to, and cannot be deleted.",
                    "Archive it first, so that a rollback goes back further.") { IsOfCaller = true };
            }
            var row = Write(
                connection, new RegistryChangeRow
                {
                    Model = model,
                    Version = version,
                    Property = RegistryTable.Deleted,
                    Value = "true",
                    Actor = actor,
                    Reason = reason,
                },
                version,
                "version.deleted");
            ModelVersionTable.ReleasePackage(
                connection, ModelVersionTable.Find(connection, model, version)!, RunTracker.OwnerKind, StageResultTable.OwnerKind);
            return new VersionDeletion(Ticks.ToTime(row.At), actor, reason);
        }, cancellationToken).ConfigureAwait(false);
        CatalogLog.Deleted(
            store.Logger, version, PrintableText.Clean(model), PrintableText.Clean(deletion.Actor), PrintableText.Line(reason));
        return deletion;
    }

    /// <summary>Takes up what people said in another workspace, where nobody said or took back anything here.</summary>
    /// <param name="model">The model.</param>
    /// <param name="changes">What was said of it and its versions.</param>
    /// <param name="isDryRun">Whether nothing is written.</param>
    /// <param name="cancellationToken">Cancels until it is written.</param>
    /// <returns>What did not hold here, each with why it was left; <see langword="null"/> where it holds now.</returns>
    public async Task<IReadOnlyList<(ForeignChange Change, string? Obstacle)>> MergeAsync(
        string model, IReadOnlyList<ForeignChange> changes, bool isDryRun, CancellationToken cancellationToken)
    {
        var refusals = changes.Select(CatalogMerge.ActionOf).Distinct()
            .Where(action => !acting.May(action, model))
            .ToDictionary(action => action, action => $"{acting.Refusal(action, model)}, so that it was not taken up.");
        var actor = acting.Name;
        var plan = await store.ReadAsync(
            connection => CatalogMerge.Plan(connection, changes, refusals, store.Clock.GetUtcNow()),
            cancellationToken).ConfigureAwait(false);
        if (isDryRun || plan.All(each => each.Obstacle is not null)) return plan;
        plan = await WriteAsync(
            model,
            connection =>
            {
                var now = CatalogMerge.Plan(connection, changes, refusals, store.Clock.GetUtcNow());
                foreach (var (foreign, _) in now.Where(each => each.Obstacle is null)) Write(connection, foreign, actor);
                return now;
            },
            cancellationToken).ConfigureAwait(false);
        foreach (var (foreign, obstacle) in plan)
        {
            if (obstacle is not null || foreign.Change.Property != RegistryTable.Archived) continue;
            CatalogLog.Archived(
                store.Logger,
                foreign.Change.Version,
                PrintableText.Clean(model),
                "archived",
                PrintableText.Clean(actor),
                PrintableText.Line(foreign.Change.Reason));
        }
        return plan;
    }

    private void Write(DbConnection connection, ForeignChange foreign, string actor)
    {
        var change = foreign.Change;
        var registered = change is { Version: > 0, Property: RegistryTable.Description }
            ? ModelVersionTable.Find(connection, change.Model, change.Version)?.Description
            : null;
        var deed = change.Property switch
        {
            RegistryTable.Tag => "tagged",
            RegistryTable.Description => "described",
            _ => "archived",
        };
        Write(
            connection,
            change with { Previous = CatalogMerge.Now(connection, change) ?? registered, Actor = actor },
            change.Version,
            $"{(change.Version > 0 ? "version" : "model")}.{deed}",
            ("origin", foreign.Origin),
            ("originActor", change.Actor),
            ("originAt", Ticks.ToTime(change.At).UtcDateTime.ToString("O", CultureInfo.InvariantCulture)));
    }

    private Task<bool> SetAsync(
        ReleaseAction action, RegistryChangeRow change, string deed, CancellationToken cancellationToken) =>
        WriteAsync(change.Model, action, (connection, actor) =>
        {
            string? registered = null;
            if (change.Version > 0)
            {
                RequireNotDeleted(RegistryRecords.Get(connection, change.Model, change.Version), "cannot be changed");
                if (change.Property == RegistryTable.Description)
                {
                    registered = ModelVersionTable.Find(connection, change.Model, change.Version)!.Description;
                }
            }
            else
            {
                RequireModel(connection, change.Model);
            }

            var now = RegistryTable.Find(connection, change.Model, change.Version, change.Property, change.Name) ?? registered;
            var value = change.Value ?? (registered is null ? null : "");

            // What a version was registered with stays in its record: an empty text says that it holds no longer.
            if (now == value) return false;
            Write(
                connection,
                change with { Value = value, Previous = now, Actor = actor },
                change.Version,
                $"{(change.Version > 0 ? "version" : "model")}.{deed}");
            return true;
        }, cancellationToken);

    private RegistryChangeRow Write(
        DbConnection connection, RegistryChangeRow change, int about, string action, params (string Name, string? Value)[] also)
    {
        var at = store.Clock.GetUtcNow();
        var row = change with { At = at.UtcTicks };
        RegistryTable.Change(connection, row);
        AuditLog.Append(
            connection,
            at,
            row.Actor,
            action,
            about > 0 ? RegistryRecords.SubjectOf(row.Model, about) : AuditedModel.SubjectOf(row.Model),
            StorageJson.WriteFields(
                [
                    ("property", row.Property),
                    ("name", row.Name.Length == 0 ? null : row.Name),
                    ("value", row.Value),
                    ("previous", row.Previous),
                    ("reason", row.Reason.Length == 0 ? null : row.Reason),
                    .. also,
                ]));
        return row;
    }

    // Who acts is asked outside of the write: it is code of the application. The log of a model grows with its age, and is read and hashed
    // outside, too, so that the only writer does not wait for it; inside, only what was added meanwhile.
    private async Task<T> WriteAsync<T>(
        string model, ReleaseAction action, Func<DbConnection, string, T> work, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(model);
        acting.Require(action, model);
        var actor = acting.Name;
        return await WriteAsync(model, connection => work(connection, actor), cancellationToken).ConfigureAwait(false);
    }

    private async Task<T> WriteAsync<T>(string model, Func<DbConnection, T> work, CancellationToken cancellationToken)
    {
        var ahead = await store.ReadAsync(
            connection => Verify(connection, AuditedModel.Read(connection, model)), cancellationToken).ConfigureAwait(false);
        return await store.WriteAsync(
            connection =>
            {
                Verify(connection, ahead.ReadOn(connection));
                return work(connection);
            },
            cancellationToken).ConfigureAwait(false);
    }

    private static AuditedModel Verify(DbConnection connection, AuditedModel audited) =>
        audited.CompareCatalog(connection) is { } difference ? throw difference.ToException() : audited;

    private static void RequireAlias(string alias)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(alias);
        if (!ModelName.IsValid(alias) || alias.All(char.IsAsciiDigit))
        {
            throw new ArgumentException(
                $"'{PrintableText.Shorten(alias)}' cannot be an alias: use {ModelName.Rule}, and not only digits.", nameof(alias));
        }
        if (alias == ModelRegistry.Champion)
        {
            throw new ArgumentException(
                $"The alias '{alias}' is the live version: a run, a rollout or RollbackAsync moves it.", nameof(alias));
        }
    }

    private static void RequireModel(DbConnection connection, string model)
    {
        if (ModelVersionTable.List(connection, model).Count == 0) throw RegistryRecords.NoModel(connection, model);
    }

    private static void RequireUsable(DbConnection connection, string model, int version, string what)
    {
        var found = RegistryRecords.Get(connection, model, version);
        RequireNotDeleted(found, what);
        if (found.IsArchived)
        {
            throw Missing($"Version {version} of '{model}' is archived, and {what}.", "Take it back with UnarchiveAsync, or name another.");
        }
    }

    private static void RequireNotDeleted(ModelVersion version, string what)
    {
        if (version.Deletion is not null) throw RegistryRecords.Deleted(version, what);
    }

    private static MlOpsException Missing(string problem, string remedy) => new(problem, remedy) { IsOfCaller = true };
}
