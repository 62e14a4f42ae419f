using System.Data.Common;
using System.Globalization;
using System.Runtime.CompilerServices;
using MlOps.Sdk.Data;
using MlOps.Sdk.Diagnostics;

namespace MlOps.Sdk.Collection;

/// <summary>
/// An open query. Without a key it is read once, from the answer that its opening got; with a key it is asked again for
/// each reading. Not thread-safe.
/// </summary>
internal sealed class DatabaseScan(DatabaseSource source, DatabaseOptions options, ReadRequest request) : IDataScan
{
    // A batch ends early rather than hold more quarantined rows.
    private const int MostMalformed = 1_000;
    private readonly List<MalformedRow> _malformed = [];
    private readonly QueryKey _after = request.After is { } after ? source.KeyOf(after) : options.KeyStart;
    private DatabaseAnswer? _answer;
    private DbDataReader? _reader;
    private bool _hasRow;
    private bool _isHashed;
    private DatabaseContent? _content;
    private bool _isBegun;
    private int[] _ordinals = [];
    private int _key = -1;
    private QueryKey? _lastKey;

    // Rows behind it came after the others were hashed: they belong to the next reading.
    private QueryKey? _hashedTo;

    public Schema Schema { get; private set; } = null!;

    public ContentVersion? Version { get; private set; }

    public string? Query => source.RedactedQuery;

    public bool IsRepeatable => options.KeyColumn is not null;

    public Watermark? Watermark { get; private set; }

    public IReadOnlyList<MalformedRow> TakeMalformed()
    {
        MalformedRow[] taken = [.. _malformed];
        _malformed.Clear();
        return taken;
    }

    public async Task OpenAsync(DatabaseScan? brokenOff, CancellationToken cancellationToken)
    {
        (Version, _content) = await source.VersionAsync(_after, null, cancellationToken).ConfigureAwait(false);
        await AskAsync(cancellationToken).ConfigureAwait(false);
        SetSchema();
        if (IsRepeatable && Version is null && brokenOff is { _isHashed: true } && brokenOff.Schema.Equals(Schema))
        {
            (Version, _isHashed, _hashedTo) = (brokenOff.Version, true, brokenOff._hashedTo);
        }
        else if (IsRepeatable && Version is null)
        {
            await HashAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    public async IAsyncEnumerable<RecordBatch> ReadAsync(
        Position? from = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await foreach (var batch in BatchesAsync(
            from?.Row ?? 0, request.RowsOf(Schema), cancellationToken).ConfigureAwait(false))
        {
            yield return batch;
        }
        if (IsRepeatable) Watermark = source.WatermarkOf(_lastKey ?? _after);
    }

    public async ValueTask DisposeAsync()
    {
        var answer = _answer;
        (_answer, _reader) = (null, null);
        if (answer is not null) await answer.DisposeAsync().ConfigureAwait(false);
    }

    private async Task AskAsync(CancellationToken cancellationToken)
    {
        _answer = await source.QueryAsync(_after, cancellationToken).ConfigureAwait(false);
        (_reader, _hasRow) = (_answer.Reader, _answer.HasRow);
    }

    private async Task<bool> NextAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await _reader!.ReadAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (DbException e) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException(e.Message, e, cancellationToken);
        }
    }

    private void SetSchema()
    {
        if (_reader!.FieldCount == 0)
        {
            throw new MlOpsException("The query returns no columns.", "Use a query that returns rows.") { DataSource = options.Name };
        }
        var names = new Schema(Enumerable.Range(0, _reader.FieldCount).Select(i => new Field(_reader.GetName(i), ColumnType.Text)));
        if (options.KeyColumn is { } key)
        {
            _key = names.Contains(key) ? names.IndexOf(key) : throw NearestName.MissingColumn(key, "The key", names);
        }
        var wanted = request.Columns ?? (options.Schema ?? names).Select(field => field.Name).ToArray();
        Schema = new Schema(wanted.Select(name =>
            !names.Contains(name) || options.Schema?.Contains(name) == false
                ? throw NearestName.MissingColumn(name, "The request", options.Schema ?? names)
            : options.Schema is { } given ? given[name] : new Field(name, TypeOf(names.IndexOf(name)))));
        _ordinals = [.. Schema.Select(field => _reader.GetOrdinal(field.Name))];
    }

    private ColumnType TypeOf(int ordinal)
    {
        var type = _reader!.GetFieldType(ordinal);
        return DatabaseValues.ColumnTypeOf(type) ?? throw new MlOpsException(
            $"The query returns {type.Name}, which no column type supports.",
            "Cast it in the query, omit it, or set its type with DatabaseOptions.Schema; if the provider determines types from the " +
                "first row, " +
                "a computed column without a value there has none.") { DataSource = options.Name, Column = _reader.GetName(ordinal) };
    }

    // Rows that cannot be read are content, too: more of them may be more than is tolerated.
    private async Task HashAsync(CancellationToken cancellationToken)
    {
        using var hash = new DatabaseHash(Schema);
        _lastKey = null;
        for (var row = 0L; _hasRow; row++, _hasRow = await NextAsync(cancellationToken).ConfigureAwait(false))
        {
            CheckKey(row);
            hash.Add(Values(row));
        }

        await DisposeAsync().ConfigureAwait(false);
        _hashedTo = _lastKey ?? _after;
        Version = hash.Version();
        _isHashed = true;
    }

    private async IAsyncEnumerable<RecordBatch> BatchesAsync(
        long skip, int batchSize, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // A reading that was left early has its answer half read.
        if (_isBegun) await DisposeAsync().ConfigureAwait(false);
        _isBegun = true;
        _malformed.Clear();
        if (_reader is null)
        {
            if (!IsRepeatable)
            {
                throw new MlOpsException(
                    "The result of a query without a key can be read only once.",
                    "Open the source again, or name a key with options.Increasing(…).") { DataSource = options.Name };
            }
            if (options.VersionQuery is not null) await RequireVersionAsync(cancellationToken).ConfigureAwait(false);
            await AskAsync(cancellationToken).ConfigureAwait(false);
        }

        _lastKey = null;
        using var hash = _isHashed ? new DatabaseHash(Schema) : null;
        var builder = new RecordBatchBuilder(Schema);
        for (var row = 0L; _hasRow; row++, _hasRow = await NextAsync(cancellationToken).ConfigureAwait(false))
        {
            CheckKey(row);
            if (_lastKey?.Order > _hashedTo?.Order)
            {
                _lastKey = _hashedTo;
                break;
            }

            hash?.Add(Values(row));
            if (row < skip) continue;
            Append(builder, row);

            // Without rows, a batch still says that quarantined ones can be taken.
            if (builder.Count == batchSize || _malformed.Count == MostMalformed) yield return builder.Build();
        }

        if (hash is not null && hash.Version() != Version) throw Changed();

        // Between the hash of a file and its last row, somebody may have written it.
        if (_content is not null) await RequireVersionAsync(cancellationToken).ConfigureAwait(false);
        if (builder.Count > 0) yield return builder.Build();
        await DisposeAsync().ConfigureAwait(false);
    }

    private async Task RequireVersionAsync(CancellationToken cancellationToken)
    {
        var (version, _) = await source.VersionAsync(_after, _content, cancellationToken).ConfigureAwait(false);
        if (version != Version) throw Changed();
    }

    private MlOpsException Changed() => new(
        "The rows of the query changed while it was being read.",
        "Run again when nothing writes to them, query a snapshot, or set DatabaseOptions.VersionQuery.") { DataSource = options.Name };

    private IEnumerable<object> Values(long row) => _ordinals.Select(ordinal => ValueOf(ordinal, row));

    // Providers throw what they like for a value that .NET does not have.
    private object ValueOf(int ordinal, long row)
    {
        try
        {
            return source.ValueOf(_reader!, ordinal);
        }
        catch (Exception e) when (e is not (DbException or IOException or OperationCanceledException or OutOfMemoryException))
        {
            throw new MlOpsException(
                $"The value of row {row + 1} cannot be read: {Secrets.Blank(e.Message)}",
                "Cast it in the query, or leave it out.",
                e) { DataSource = options.Name, Column = _reader!.GetName(ordinal), Line = row + 1 };
        }
    }

    private void CheckKey(long row)
    {
        if (_key < 0) return;
        if (!QueryKey.TryRead(ValueOf(_key, row), options.KeyStart, out var key))
        {
            throw new MlOpsException(
                $"The key of row {row + 1} is {(_reader!.IsDBNull(_key) ? "missing" : "of another type than its start")}.",
                "Use a column of whole numbers or points in time " +
                    "that always has a value.") { DataSource = options.Name, Column = options.KeyColumn, Line = row + 1 };
        }
        // A start without a zone is compared by the database, in the zone of its session.
        var before = _lastKey ?? (_after.Value is DateTime start && key.Value is DateTime time && start.Kind != time.Kind ? null : _after);
        if (key.Order <= before?.Order)
        {
            throw new MlOpsException(
                $"The key of row {row + 1} is not above the previous key.",
                $"The column must be unique; end the query with ORDER BY {options.KeyColumn}, " +
                    $"and filter by > {options.KeyParameter}.") { DataSource = options.Name, Column = options.KeyColumn, Line = row + 1 };
        }
        _lastKey = key;
    }

    private void Append(RecordBatchBuilder to, long row)
    {
        MalformedRow? malformed = null;
        for (var i = 0; i < _ordinals.Length && malformed is null; i++)
        {
            if (DatabaseValues.Fits(ValueOf(_ordinals[i], row), Schema[i])) continue;
            malformed ??= Malformed(row, i);
        }

        if (malformed is not null && request.Malformed == MalformedRows.Fail)
        {
            throw new MlOpsException(
                malformed.Reason,
                "Correct the value, cast it in the query, " +
                    "or give the column " +
                    "another type in the schema.") { DataSource = options.Name, Line = row + 1, Column = malformed.Column };
        }
        if (malformed is not null) _malformed.Add(malformed);
        if (malformed is { IsKept: false }) return;
        for (var i = 0; i < _ordinals.Length; i++) DatabaseValues.Append(ValueOf(_ordinals[i], row), Schema[i], to[i]);
    }

    private MalformedRow Malformed(long row, int column)
    {
        var value = ValueOf(_ordinals[column], row);
        var text = string.Join(';', _ordinals.Select(ordinal => Convert.ToString(ValueOf(ordinal, row), CultureInfo.InvariantCulture)));
        var shown = PrintableText.Shorten(Convert.ToString(value, CultureInfo.InvariantCulture) ?? "");
        if (text.Length > MalformedRow.MaxText)
        {
            text = text[..(char.IsHighSurrogate(text[MalformedRow.MaxText - 1]) ? MalformedRow.MaxText - 1 : MalformedRow.MaxText)];
        }
        return new MalformedRow(
            options.Name,
            row + 1,
            Schema[column].Name,
            $"'{shown}' ({value.GetType().Name}) does not fit the {Schema[column].Type} column.",
            text,
            request.Malformed == MalformedRows.Null);
    }
}
