using System.Data.Common;
using System.Globalization;
using MlOps.Sdk.Storage;

namespace MlOps.Sdk.Audit;

/// <summary>
/// What the log says of one model: its versions, what gates said of them, and where aliases pointed. The registry is held to it, so that
/// who changes a row must rewrite the log, too, which a hash that was kept outside shows. Not thread-safe.
/// </summary>
internal sealed class AuditedModel
{
    private const string Prefix = "model:";
    private const string Stopped = "model.stopped";

    // One clock reading stamps a record and its entry; the version before took two.
    private const long OneMoment = TimeSpan.TicksPerMinute;

    private readonly string _model;
    private readonly Dictionary<int, (AuditRow Entry, SortedDictionary<string, string> Details)> _versions = [];
    private readonly Dictionary<int, List<(AuditRow Entry, SortedDictionary<string, string> Details)>> _attestations = [];
    private readonly Dictionary<string, List<(AuditRow Entry, int Version, SortedDictionary<string, string> Details)>> _moves = [];
    private readonly List<(AuditRow Entry, SortedDictionary<string, string> Details)> _splits = [];
    private readonly List<(AuditRow Entry, SortedDictionary<string, string> Details)> _stops = [];
    private readonly List<(AuditRow Entry, SortedDictionary<string, string> Details)> _fallbacks = [];
    private readonly AuditedApprovals _approvals;
    private readonly List<(AuditRow Entry, int Version, SortedDictionary<string, string> Details)> _changes = [];
    private readonly HashSet<string> _compared = new(StringComparer.Ordinal);
    private ReceivedMark? _received;
    private Difference? _broken;
    private long _head;
    private string? _headHash;
    private bool _hasReadOn;

    private AuditedModel(string model) => (_model, _approvals) = (model, new AuditedApprovals(model));

    /// <summary>Reads all that the log says of a model.</summary>
    public static AuditedModel Read(DbConnection connection, string model)
    {
        var audited = new AuditedModel(model) { _head = AuditTable.Head(connection)?.Sequence ?? 0 };
        audited._headHash = AuditTable.HashOf(connection, audited._head);
        foreach (var (entry, previous) in AuditTable.ReadBelow(connection, $"{Prefix}{model}/")) audited.Take(entry, previous);
        foreach (var (entry, previous) in AuditTable.ReadAbout(connection, SubjectOf(model))) audited.Take(entry, previous);
        audited._changes.Sort((one, other) => one.Entry.Sequence.CompareTo(other.Entry.Sequence));
        return audited;
    }

    /// <summary>
    /// Reads all that the log says of a model ahead of a write, and compares what the write relies on: the log of a model grows with its
    /// age, and the only writer does not wait for it. The write goes on with <see cref="ReadOn"/>.
    /// </summary>
    /// <param name="store">Where the log is.</param>
    /// <param name="model">The model.</param>
    /// <param name="alias">An alias that is to be compared, too; <see langword="null"/> for none.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public static Task<AuditedModel> ReadAheadAsync(
        RelationalStore store, string model, string? alias, CancellationToken cancellationToken) => store.ReadAsync(
        connection =>
        {
            // What differs is found once more in the write, which says so.
            var audited = Read(connection, model);
            _ = audited.CompareApprovals(connection) ?? audited.CompareCatalog(connection)
                ?? (alias is null ? null : audited.CompareAlias(connection, alias));
            return audited;
        },
        cancellationToken);

    /// <summary>
    /// Reads what was entered since, inside of the write that relies on it. Where nothing was entered of the model, what was compared
    /// before is not compared again, but for what may have been changed to let this write pass: where the alias points, who must approve,
    /// and what is approved.
    /// </summary>
    /// <returns>What to compare with.</returns>
    public AuditedModel ReadOn(DbConnection connection)
    {
        // What a write that is tried again read on before may have been undone with it.
        if (_hasReadOn) return Read(connection, _model).ReadOn(connection);
        if (AuditTable.HashOf(connection, _head) != _headHash)
        {
            _broken ??= new Difference(_head, $"entry {_head} is not the one that was there a moment ago.");
        }
        foreach (var (entry, previous) in AuditTable.ReadAfter(connection, _head))
        {
            _hasReadOn = true;
            if (Take(entry, previous)) _compared.Clear();
        }
        return this;
    }

    /// <summary>What the log calls a model.</summary>
    public static string SubjectOf(string model) => Prefix + model;

    /// <summary>The release of another workspace that was received last; <see langword="null"/> when there never was one.</summary>
    /// <exception cref="MlOpsException">An entry is not as it was written.</exception>
    public ReceivedMark? LastReceived => _broken is { } broken ? throw broken.ToException() : _received;

    /// <summary>The names of the models that records or entries speak of.</summary>
    public static IReadOnlyList<string> Models(DbConnection connection) =>
    [
        .. AuditTable.Subjects(connection, Prefix)
            .Where(subject => subject.Contains('/', StringComparison.Ordinal))
            .Select(subject => subject[Prefix.Length..subject.LastIndexOf('/')])
            .Union(ModelVersionTable.AllNames(connection))
            .Union(ApprovalTable.Models(connection))
            .Order(StringComparer.Ordinal),
    ];

    /// <summary>Compares a version.</summary>
    public Difference? Compare(ModelVersionRow row)
    {
        if (_broken is not null) return _broken;
        if (!_versions.TryGetValue(row.Version, out var known))
        {
            return new Difference(null, $"version {row.Version} of '{_model}' was never registered.");
        }
        var (entry, details) = known;
        return Same(details, "package", row.Package) && Same(details, "contentHash", row.ContentHash) && Same(details, "run", row.RunId)
            && Near(row.CreatedAt, entry.At)
            && (!details.ContainsKey("metrics") || (Same(details, "metrics", row.Metrics) && Same(details, "description", row.Description)))
            ? null
            : new Difference(
                entry.Sequence, $"version {row.Version} of '{_model}' is not the one that was registered (entry {entry.Sequence}).");
    }

    /// <summary>Compares the attestations over a version.</summary>
    /// <param name="version">The version.</param>
    /// <param name="rows">All of them, newest first.</param>
    public Difference? Compare(int version, IReadOnlyList<BlessingRow> rows)
    {
        if (_broken is not null) return _broken;
        var entries = _attestations.GetValueOrDefault(version) ?? [];
        for (var i = 0; i < Math.Max(rows.Count, entries.Count); i++)
        {
            if (i >= entries.Count)
            {
                return new Difference(null, $"no entry has attestation {i + 1} over version {version} of '{_model}'.");
            }
            var (entry, details) = entries[i];
            if (i >= rows.Count || rows[^(i + 1)] is var row && !(
                Same(details, "contentHash", row.ContentHash) && Same(details, "gates", row.Gates) && row.Actor == entry.Actor
                    && Near(row.IssuedAt, entry.At)))
            {
                return new Difference(
                    entry.Sequence,
                    $"attestation {i + 1} over version {version} of '{_model}' is not the one that was given (entry {entry.Sequence}).");
            }
        }

        return null;
    }

    /// <summary>Compares where an alias points, where it pointed, and what is to be served.</summary>
    public Difference? CompareAlias(DbConnection connection, string alias) =>
        Once($"alias {alias}", () => CompareMoves(connection, alias)) ?? CompareRoute(connection, alias);

    private Difference? CompareMoves(DbConnection connection, string alias)
    {
        var moves = _moves.GetValueOrDefault(alias) ?? [];
        var history = AliasTable.History(connection, _model, alias);
        for (var i = 0; i < Math.Max(history.Count, moves.Count); i++)
        {
            if (i >= moves.Count) return new Difference(null, $"no entry has move {i + 1} of the alias '{alias}' of '{_model}'.");
            var (entry, version, details) = moves[i];
            if (i >= history.Count || history[^(i + 1)] is var row && !(
                row.Version == version && Same(details, "previous", row.Previous?.ToString(CultureInfo.InvariantCulture))
                    && Same(details, "reason", row.Reason) && row.Actor == entry.Actor && Near(row.At, entry.At)))
            {
                return new Difference(
                    entry.Sequence, $"move {i + 1} of the alias '{alias}' of '{_model}' is not as it was (entry {entry.Sequence}).");
            }
        }

        return null;
    }

    private Difference? CompareRoute(DbConnection connection, string alias)
    {
        var moves = _moves.GetValueOrDefault(alias) ?? [];
        var now = AliasTable.Find(connection, _model, alias);
        if (moves.Count == 0) return now is null ? null : new Difference(null, $"the alias '{alias}' of '{_model}' was never moved.");
        var (last, promoted, _) = moves[^1];
        if (now != promoted)
        {
            return new Difference(
                last.Sequence,
                $"the alias '{alias}' of '{_model}' points to {(now is null ? "no version" : $"version {now}")}, and was last moved to " +
                    $"version {promoted} (entry {last.Sequence}).");
        }

        return AliasTable.Route(connection, _model, alias) is { } route && route.Version == promoted && route.Generation == moves.Count
            && _versions.TryGetValue(promoted, out var registered)
            && Same(registered.Details, "contentHash", route.ContentHash) && Same(registered.Details, "package", route.Package)
            ? null
            : new Difference(
                last.Sequence, $"the route of the alias '{alias}' of '{_model}' is not to version {promoted} (entry {last.Sequence}).");
    }

    /// <summary>Compares how calls are divided over versions, and were before.</summary>
    public Difference? CompareTraffic(DbConnection connection) => Compare(
        "traffic",
        _splits,
        TrafficTable.History(connection, _model),
        (row, entry, details) => Same(details, "arms", row.Arms)
            && Same(details, "shadows", row.Shadows == TrafficRow.NoShadows ? null : row.Shadows)
            && Same(details, "reason", row.Reason) && row.Actor == entry.Actor && Near(row.At, entry.At));

    /// <summary>Compares when the model was stopped and resumed.</summary>
    public Difference? CompareStops(DbConnection connection) => Compare(
        "switch",
        _stops,
        StopTable.History(connection, _model),
        (row, entry, details) => (row.Stopped != 0) == (entry.Action == Stopped)
            && Same(details, "reason", row.Reason) && row.Actor == entry.Actor && Near(row.At, entry.At));

    /// <summary>Compares what answers where the model does not, and did before.</summary>
    public Difference? CompareFallbacks(DbConnection connection) => Compare(
        "fallback",
        _fallbacks,
        FallbackTable.History(connection, _model),
        (row, entry, details) => Same(details, "fallback", row.Fallback)
            && Same(details, "reason", row.Reason) && row.Actor == entry.Actor && Near(row.At, entry.At));

    /// <summary>Compares what was to be approved, what people decided on it, and who must approve.</summary>
    public Difference? CompareApprovals(DbConnection connection)
    {
        const string What = "approvals";
        return _compared.Contains(What)
            ? _broken ?? _approvals.CompareOpen(connection)
            : Once(What, () => _approvals.Compare(connection));
    }

    /// <summary>Compares what people say of the model and its versions, and said before.</summary>
    public Difference? CompareCatalog(DbConnection connection) => Once("catalog", () => CompareChanges(connection));

    private Difference? CompareChanges(DbConnection connection)
    {
        var history = RegistryTable.History(connection, _model);
        var now = new Dictionary<(long, string, string), (string Value, AuditRow Entry)>();
        for (var i = 0; i < Math.Max(history.Count, _changes.Count); i++)
        {
            if (i >= _changes.Count) return new Difference(null, $"no entry has change {i + 1} of what is said of '{_model}'.");
            var (entry, version, details) = _changes[i];
            if (i >= history.Count || history[^(i + 1)] is var row && !IsSame(row, entry, version, details))
            {
                return new Difference(
                    entry.Sequence, $"change {i + 1} of what is said of '{_model}' is not as it was (entry {entry.Sequence}).");
            }
            var key = (row.Version, row.Property, row.Name);
            if (row.Value is null) now.Remove(key);
            else now[key] = (row.Value, entry);
        }

        foreach (var value in RegistryTable.AllValues(connection, _model))
        {
            if (!now.Remove((value.Version, value.Property, value.Name), out var known))
            {
                return new Difference(null, $"the {Shown(value.Version, value.Property, value.Name)} of '{_model}' was never set.");
            }
            if (known.Value != value.Value)
            {
                return new Difference(
                    known.Entry.Sequence,
                    $"the {Shown(value.Version, value.Property, value.Name)} of '{_model}' is not what was set (entry " +
                        $"{known.Entry.Sequence}).");
            }
        }
        foreach (var ((version, property, name), (_, entry)) in now)
        {
            return new Difference(
                entry.Sequence, $"the {Shown(version, property, name)} of '{_model}' is gone (entry {entry.Sequence}).");
        }

        return null;

        static string Shown(long version, string property, string name) => string.Create(
            CultureInfo.InvariantCulture,
            $"{(version > 0 ? $"property {property} of version {version}" : property)}{(name.Length > 0 ? $" '{name}'" : "")}");
    }

    private static bool IsSame(RegistryChangeRow row, AuditRow entry, int about, SortedDictionary<string, string> details)
    {
        // An alias belongs to the model, and its entry is about the version that it points or pointed to.
        var version = row.Property == RegistryTable.Alias ? (row.Value ?? row.Previous) : null;
        return (version is null ? row.Version == about : row.Version == 0 && version == about.ToString(CultureInfo.InvariantCulture))
            && Same(details, "property", row.Property) && Same(details, "name", row.Name.Length == 0 ? null : row.Name)
            && Same(details, "value", row.Value) && Same(details, "previous", row.Previous)
            && Same(details, "reason", row.Reason.Length == 0 ? null : row.Reason)
            && row.Actor == entry.Actor && Near(row.At, entry.At);
    }

    /// <summary>Compares everything.</summary>
    public Difference? Compare(DbConnection connection)
    {
        var rows = ModelVersionTable.List(connection, _model);
        var versions = rows.Select(row => row.Version).ToHashSet();
        var gone = _versions.Keys.Where(version => !versions.Contains(version)).Order().Select(version => new Difference(
            _versions[version].Entry.Sequence, $"version {version} of '{_model}' is gone (entry {_versions[version].Entry.Sequence})."));
        return _broken
            ?? gone.FirstOrDefault()
            ?? rows.Reverse().Select(Compare).FirstOrDefault(difference => difference is not null)
            ?? BlessingTable.Versions(connection, _model).Union(_attestations.Keys).Order()
                .Select(version => Compare(version, BlessingTable.Read(connection, _model, version)))
                .FirstOrDefault(difference => difference is not null)
            ?? AliasTable.Names(connection, _model).Union(_moves.Keys).Order(StringComparer.Ordinal)
                .Select(alias => CompareAlias(connection, alias))
                .FirstOrDefault(difference => difference is not null)
            ?? CompareTraffic(connection)
            ?? CompareStops(connection)
            ?? CompareFallbacks(connection)
            ?? CompareApprovals(connection)
            ?? CompareCatalog(connection);
    }

    private Difference? Once(string what, Func<Difference?> compare)
    {
        if (_broken is not null || _compared.Contains(what)) return _broken;
        var difference = compare();
        if (difference is null) _compared.Add(what);
        return difference;
    }

    /// <returns>Whether it is about the model.</returns>
    private bool Take(AuditRow entry, string previous)
    {
        var subject = entry.Subject.AsSpan();
        if (!subject.StartsWith(Prefix) || !subject[Prefix.Length..].StartsWith(_model)) return false;
        var rest = subject[(Prefix.Length + _model.Length)..];
        if (rest.IsEmpty)
        {
            if (entry.Action is not ("model.described" or "model.tagged" or "model.untagged")) return false;
            if (Check(entry, previous)) _changes.Add((entry, 0, StorageJson.ReadFields(entry.Details)));
            return true;
        }

        // A model may be named like another one's version.
        if (rest[0] != '/' || !int.TryParse(rest[1..], CultureInfo.InvariantCulture, out var version)) return false;
        if (Check(entry, previous)) Add(entry, version);
        return true;
    }

    // A number below 1 has no place in the chain: its hash would follow from nothing.
    private bool Check(AuditRow entry, string previous)
    {
        if (entry.Sequence >= 1 && entry.Hash == AuditChain.Hash(previous, entry)) return true;
        _broken ??= new Difference(entry.Sequence, $"entry {entry.Sequence} does not match its hash.");
        return false;
    }

    private void Add(AuditRow entry, int version)
    {
        var details = StorageJson.ReadFields(entry.Details);
        switch (entry.Action)
        {
            case "model.registered":
                _versions[version] = (entry, details);
                break;
            case "model.mended" when _versions.TryGetValue(version, out var registered):
                registered.Details["package"] = details["package"];
                break;
            case "model.blessed" or "model.refused":
                if (!_attestations.TryGetValue(version, out var given)) _attestations[version] = given = [];
                given.Add((entry, details));
                break;
            case "model.promoted" or "model.rolled-back":
                if (!_moves.TryGetValue(details["alias"], out var moves)) _moves[details["alias"]] = moves = [];
                moves.Add((entry, version, details));
                break;
            case ReceivedMark.Action:
                _received = ReceivedMark.Read(version, details) ?? _received;
                break;
            case "model.routed":
                _splits.Add((entry, details));
                break;
            case "model.fallback":
                _fallbacks.Add((entry, details));
                break;
            case "version.aliased" or "version.unaliased" or "version.tagged" or "version.untagged" or "version.described"
                or "version.archived" or "version.unarchived" or "version.deleted":
                _changes.Add((entry, version, details));
                break;
            case Stopped or "model.resumed":
                _stops.Add((entry, details));
                break;
            default:
                _approvals.Add(entry, details);
                break;
        }
    }

    private Difference? Compare<TRow>(
        string what,
        List<(AuditRow Entry, SortedDictionary<string, string> Details)> entries,
        IReadOnlyList<TRow> history,
        Func<TRow, AuditRow, SortedDictionary<string, string>, bool> isSame) =>
        _broken ?? AuditedHistory.Compare(_model, what, entries, history, isSame);

    private static bool Same(SortedDictionary<string, string> details, string name, string? value) =>
        details.GetValueOrDefault(name) == value;

    private static bool Near(long recorded, long logged) => Math.Abs(recorded - logged) < OneMoment;
}
