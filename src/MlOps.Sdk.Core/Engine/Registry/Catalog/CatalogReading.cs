using System.Data.Common;
using System.Globalization;
using MlOps.Sdk.Storage;

namespace MlOps.Sdk.Registry;

/// <summary>Reads what people say of models and versions.</summary>
internal static class CatalogReading
{
    public static IReadOnlyList<ModelVersion> Search(DbConnection connection, VersionQuery query)
    {
        // The first tag names few versions, most often; without one, all of the model are read.
        var found = query.Tags.Count == 0
            ? (query.Model is { } only ? [only] : ModelVersionTable.Models(connection))
                .SelectMany(model => RegistryRecords.List(connection, model))
            : RegistryTable.FindTagged(connection, true, query.Tags.First().Key, query.Tags.First().Value)
                .Where(tagged => query.Model is null || tagged.Model == query.Model)
                .Select(tagged => RegistryRecords.Get(connection, tagged.Model, (int)tagged.Version));
        return
        [
            .. found.Where(version => (query.IncludeArchived || !version.IsArchived || version.Deletion is not null)
                && (query.IncludeDeleted || version.Deletion is null)
                && query.Tags.All(tag => version.Tags.TryGetValue(tag.Key, out var value) && (tag.Value is null || tag.Value == value))),
        ];
    }

    public static IReadOnlyList<string> FindModels(DbConnection connection, string tag, string? value) =>
        [.. RegistryTable.FindTagged(connection, false, tag, value).Select(tagged => tagged.Model)];

    public static RegisteredModel? Find(DbConnection connection, string model)
    {
        var versions = RegistryRecords.List(connection, model);
        if (versions.Count == 0) return null;
        var values = RegistryTable.Values(connection, model, 0);
        var aliases = new SortedDictionary<string, int>(StringComparer.Ordinal);
        foreach (var change in Aliases(connection, model)) aliases[change.Alias] = change.Version;
        return new RegisteredModel
        {
            Name = model,
            Description = values.FirstOrDefault(value => value.Property == RegistryTable.Description)?.Value,
            Tags = RegistryRecords.TagsOf(values),
            Aliases = aliases,
            Versions = versions.Count(version => version is { IsArchived: false, Deletion: null }),
            ArchivedVersions = versions.Count(version => version is { IsArchived: true, Deletion: null }),
            DeletedVersions = versions.Count(version => version.Deletion is not null),
        };
    }

    /// <summary>The aliases of a model, those that serve and those that do not, each as its last move.</summary>
    public static IReadOnlyList<AliasChange> Aliases(DbConnection connection, string model) =>
    [
        .. AliasTable.Current(connection, model).Select(RegistryRecords.ToChange)
            .Concat(RegistryTable.Values(connection, model, 0)
                .Where(value => value.Property == RegistryTable.Alias)
                .Select(value => RegistryRecords.ToChange(
                    RegistryTable.FindLast(connection, model, 0, RegistryTable.Alias, value.Name)
                    ?? throw StoredRecord.Damaged(
                        $"The alias '{value.Name}' of '{model}' has no history.", new InvalidDataException("It was never set.")))))
            .OrderBy(change => change.Alias, StringComparer.Ordinal),
    ];

    /// <summary>The moves of an alias, newest first.</summary>
    public static IReadOnlyList<AliasChange> AliasHistory(DbConnection connection, string model, string alias) =>
    [
        .. AliasTable.History(connection, model, alias).Select(RegistryRecords.ToChange)
            .Concat(RegistryTable.History(connection, model)
                .Where(row => row.Property == RegistryTable.Alias && row.Name == alias)
                .Select(RegistryRecords.ToChange)),
    ];

    /// <summary>The version that an alias points to; <see langword="null"/> when there is no such alias.</summary>
    public static int? FindAlias(DbConnection connection, string model, string alias) =>
        AliasTable.Find(connection, model, alias)
        ?? (RegistryTable.Find(connection, model, 0, RegistryTable.Alias, alias) is { } version
            ? StoredRecord.Read($"the alias '{alias}' of '{model}'", () => int.Parse(version, CultureInfo.InvariantCulture))
            : null);

    public static IReadOnlyList<RegistryChange> Changes(DbConnection connection, string model, int? version) =>
    [
        .. RegistryTable.History(connection, model)
            .Where(row => version is null || row.Version == version)
            .Select(row => StoredRecord.Read(
                $"a change of '{model}'",
                () => new RegistryChange(
                    row.Model,
                    row.Version == 0 ? null : row.Version,
                    row.Property,
                    row.Name,
                    row.Value,
                    row.Previous,
                    Ticks.ToTime(row.At),
                    row.Actor,
                    row.Reason))),
    ];
}
