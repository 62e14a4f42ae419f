using System.Runtime.CompilerServices;
using MlOps.Sdk.Data;
using MlOps.Sdk.Statistics;

namespace MlOps.Sdk.Collection;

/// <summary>All sources of a plan, open, one after the other. Not thread-safe.</summary>
internal sealed class CollectionReader : IAsyncDisposable
{
    private readonly List<ResilientReader> _readers = [];
    private readonly List<SourceSummary> _summaries = [];
    private readonly CollectionPlan _plan;
    private readonly List<string> _stale = [];
    private PersonalColumns? _personal;

    private CollectionReader(CollectionPlan plan) => _plan = plan;

    /// <summary>The rows that were read so far, also those that no sample kept.</summary>
    public long RowsRead { get; private set; }

    /// <summary>What was read of each source, once all are.</summary>
    public IReadOnlyList<SourceSummary> Summaries => _summaries;

    /// <summary>The columns, the same for all sources, once personal ones are treated.</summary>
    public Schema Schema => _personal?.Schema ?? _readers[0].Schema;

    /// <summary>What is done to personal columns.</summary>
    public IReadOnlyList<string> Personal => _personal?.Descriptions ?? [];

    /// <summary>The types of the sources, and of those that they are made of, in order.</summary>
    public IEnumerable<Type> SourceTypes => _readers.SelectMany(reader => reader.SourceTypes);

    /// <summary>The names of the sources, in order.</summary>
    public IReadOnlyList<string> Names => [.. _readers.Select(reader => reader.Name)];

    /// <summary>What the sources noticed about their content, as sentences.</summary>
    public IReadOnlyList<string> Notes
    {
        get
        {
            string[] notes = [.. _readers.SelectMany(reader => reader.Notes)];
            return [.. _personal is null ? notes : PersonalColumns.Hide(notes), .. _stale];
        }
    }

    /// <summary>What identifies the content of all sources together; <see langword="null"/> as soon as one cannot tell.</summary>
    public ContentVersion? Version
    {
        get
        {
            if (_readers.Any(reader => reader.Version is null)) return null;
            if (_readers.Count == 1) return _readers[0].Version;
            return ContentVersion.Of(_readers.Select(reader => reader.Version));
        }
    }

    /// <summary>Opens all sources and compares their schemas.</summary>
    /// <param name="plan">The sources.</param>
    /// <param name="earlier">What the last run read, for sources of which only new rows are read.</param>
    /// <param name="services">The services of the run.</param>
    /// <param name="time">The clock by which the default pipeline waits between retries.</param>
    /// <param name="cancellationToken">Cancels the opening.</param>
    /// <exception cref="MlOpsException">A source cannot be opened, or its columns differ from those of the first.</exception>
    public static async Task<CollectionReader> OpenAsync(
        CollectionPlan plan,
        EarlierCollection? earlier,
        IServiceProvider services,
        TimeProvider time,
        CancellationToken cancellationToken = default)
    {
        var reader = new CollectionReader(plan);
        var readers = reader._readers;
        try
        {
            for (var i = 0; i < plan.Sources.Count; i++)
            {
                var source = plan.Sources[i].Create(services);
                var reading = plan.Sources[i].Reading;
                var request = new ReadRequest
                {
                    Columns = reading.Columns,
                    Malformed = plan.Malformed,
                    After = reading.OnlyNew ? earlier?.WatermarkOf(source.Name) : null,
                    KeepsEarlierRows = plan.KeepsEarlierRows,
                    Personal = [.. plan.Personal.Keys]
                };
                readers.Add(await ResilientReader.OpenAsync(
                    source, request, reading.Resilience ?? plan.Resilience, time, cancellationToken).ConfigureAwait(false));

                // Before anything quotes the columns: those of a file without a header line are its first row.
                PersonalColumns.Require(plan.Personal.Keys, readers[^1].Schema, readers[^1].Name);
                if (i == 0 && plan.Personal.Count > 0) reader._personal = new PersonalColumns(plan.Personal, readers[0].Schema);
                Compare(readers[0].Name, readers[0].Schema, readers[^1].Name, readers[^1].Schema);
            }

            CheckNames(plan, readers, earlier);
            if (plan.KeepsEarlierRows && earlier is not null) reader._stale.AddRange(readers.Where(earlier.LookedUpOtherwise).Select(read =>
                $"{read.Name}: the joined source has changed since run {earlier.RunId}, whose rows keep the values that they were joined " +
                "with; run once without OnlyNew and KeepEarlierRows to join all rows again."));
            return reader;
        }
        catch
        {
            try
            {
                await reader.DisposeAsync().ConfigureAwait(false);
            }
            catch (MlOpsException)
            {
                // What went wrong first is what the user must hear of.
            }

            throw;
        }
    }

    /// <summary>Reads all rows. The consumer owns each batch.</summary>
    /// <param name="malformed">Gets what could not be read.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    public async IAsyncEnumerable<RecordBatch> ReadAsync(
        MalformedSpool malformed,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        for (var i = 0; i < _readers.Count; i++)
        {
            var (reader, reading) = (_readers[i], _plan.Sources[i].Reading);
            var random = SeededRandom.For((ulong)reading.Seed);
            long kept = 0, lost = malformed.Count;
            await foreach (var batch in reader.ReadAsync(cancellationToken).ConfigureAwait(false))
            {
                RowsRead += batch.RowCount;
                await TakeMalformedAsync().ConfigureAwait(false);
                var sample = reading.Share == 1 ? batch : Sample(batch, reading.Share, ref random);
                kept += sample.RowCount;

                // One schema object for all batches, so that bindings are made once.
                if (sample.RowCount > 0)
                {
                    yield return _personal is not null ? _personal.Apply(sample)
                        : ReferenceEquals(sample.Schema, Schema) ? sample
                        : new RecordBatch(Schema, sample.Columns);
                }
            }

            await TakeMalformedAsync().ConfigureAwait(false);
            if (reading.OnlyNew && reader.Watermark is null)
            {
                throw new MlOpsException(
                    "The source has no watermark, so it does not support OnlyNew.",
                    "Remove OnlyNew, or use a source that has a watermark; " +
                        "add each source of a Concat separately with From(…).") { DataSource = reader.Name };
            }
            _summaries.Add(new SourceSummary(
                reader.Name,
                reader.Version?.Value,
                reader.Query,
                kept,
                malformed.Count - lost,
                reader.Watermark?.Value) { ReferenceVersion = reader.ReferenceVersion?.Value });

            async ValueTask TakeMalformedAsync()
            {
                await malformed.AddAsync(
                    _personal is null ? reader.Malformed : reader.Malformed.ConvertAll(PersonalColumns.Hide),
                    cancellationToken).ConfigureAwait(false);
                reader.Malformed.Clear();
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        // A source that cannot be closed keeps no other open.
        await Task.WhenAll(_readers.Select(reader => reader.DisposeAsync().AsTask())).ConfigureAwait(false);
    }

    // By its name a source is known again: two of one name, or one that is gone, would lose or double rows.
    private static void CheckNames(CollectionPlan plan, List<ResilientReader> readers, EarlierCollection? earlier)
    {
        var names = readers.Where((_, i) => plan.Sources[i].Reading.OnlyNew).Select(reader => reader.Name).ToList();
        if (names.GroupBy(name => name).FirstOrDefault(same => same.Count() > 1) is { } twice)
        {
            throw new MlOpsException(
                $"Two sources have the name '{twice.Key}', but the run reports its sources by name.",
                "Give each source a unique name, for example with options.Name.") { DataSource = twice.Key };
        }
        if (plan.KeepsEarlierRows && earlier?.Summary.Sources.FirstOrDefault(source => !names.Contains(source.Name)) is { } gone)
            throw new MlOpsException(
                $"Run {earlier.RunId} read the source '{gone.Name}', which is not among the current sources: " +
                    "its rows would be kept and, under another name, read again.",
                "Give the source its earlier name, or run once without OnlyNew and KeepEarlierRows.") { DataSource = gone.Name };
    }

    private static RecordBatch Sample(RecordBatch batch, double share, ref SeededRandom random)
    {
        var rows = new List<int>();
        for (var row = 0; row < batch.RowCount; row++)
        {
            if (random.NextDouble() < share) rows.Add(row);
        }

        return rows.Count == batch.RowCount ? batch : batch.Take([.. rows]);
    }

    /// <summary>Sources that follow one another have the same columns.</summary>
    /// <exception cref="MlOpsException">They differ.</exception>
    internal static void Compare(string first, Schema schema, string other, Schema otherSchema)
    {
        for (var i = 0; i < Math.Max(schema.Count, otherSchema.Count); i++)
        {
            var a = i < schema.Count ? schema[i] : null;
            var b = i < otherSchema.Count ? otherSchema[i] : null;
            if (a == b) continue;
            throw new MlOpsException(
                $"The sources differ in column {i + 1}: '{first}' has {Show(a)}, '{other}' has {Show(b)}.",
                "Give sources with the same columns in the same order, or state the types, " +
                    "for example with CsvOptions.Schema.") { DataSource = other, Column = b?.Name ?? a!.Name };
        }

        static string Show(Field? field) =>
            field is null ? "none" : $"'{field.Name}' ({field.Type}{(field.Type == ColumnType.Vector ? $" of {field.Length}" : "")})";
    }
}
