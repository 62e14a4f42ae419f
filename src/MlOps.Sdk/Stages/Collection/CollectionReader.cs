using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.Collection;

/// <summary>All sources of a plan, open, one after the other. Not thread-safe.</summary>
internal sealed class CollectionReader : IAsyncDisposable
{
    private readonly List<ResilientReader> _readers;

    private CollectionReader(List<ResilientReader> readers) => _readers = readers;

    /// <summary>The columns, the same for all sources.</summary>
    public Schema Schema => _readers[0].Schema;

    /// <summary>The names of the sources, in order.</summary>
    public IReadOnlyList<string> Names => [.. _readers.Select(reader => reader.Name)];

    /// <summary>What the sources noticed about their content, as sentences.</summary>
    public IReadOnlyList<string> Notes => [.. _readers.SelectMany(reader => reader.Notes)];

    /// <summary>What identifies the content of all sources together; <see langword="null"/> as soon as one cannot tell.</summary>
    public ContentVersion? Version
    {
        get
        {
            if (_readers.Any(reader => reader.Version is null)) return null;
            if (_readers.Count == 1) return _readers[0].Version;
            var versions = string.Join('\n', _readers.Select(reader => reader.Version!.Value));
            return new ContentVersion($"sha256:{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(versions)))}");
        }
    }

    /// <summary>Opens all sources and compares their schemas.</summary>
    /// <param name="plan">The sources.</param>
    /// <param name="request">What is wanted of each.</param>
    /// <param name="services">The service provider of the run, where there is one.</param>
    /// <param name="time">The clock by which the default pipeline waits between retries.</param>
    /// <param name="ct">Cancels the opening.</param>
    /// <exception cref="MlOpsException">A source cannot be opened, or its columns differ from those of the first.</exception>
    public static async Task<CollectionReader> OpenAsync(CollectionPlan plan, ReadRequest request, IServiceProvider? services, TimeProvider time, CancellationToken ct = default)
    {
        var readers = new List<ResilientReader>(plan.Sources.Count);
        var reader = new CollectionReader(readers);
        try
        {
            foreach (var step in plan.Sources)
            {
                readers.Add(await ResilientReader.OpenAsync(step.Create(services), request, plan.Resilience, time, ct).ConfigureAwait(false));
                Compare(readers[0], readers[^1]);
            }

            return reader;
        }
        catch
        {
            await reader.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Reads all rows. The consumer owns each batch.</summary>
    public async IAsyncEnumerable<RecordBatch> ReadAsync([EnumeratorCancellation] CancellationToken ct = default)
    {
        foreach (var reader in _readers)
        {
            // One schema object for all batches, so that bindings are made once.
            await foreach (var batch in reader.ReadAsync(ct).ConfigureAwait(false)) yield return ReferenceEquals(batch.Schema, Schema) ? batch : new RecordBatch(Schema, batch.Columns);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var reader in _readers) await reader.DisposeAsync().ConfigureAwait(false);
    }

    private static void Compare(ResilientReader first, ResilientReader other)
    {
        for (var i = 0; i < Math.Max(first.Schema.Count, other.Schema.Count); i++)
        {
            var a = i < first.Schema.Count ? first.Schema[i] : null;
            var b = i < other.Schema.Count ? other.Schema[i] : null;
            if (a == b) continue;
            throw new MlOpsException(
                $"The sources differ in column {i + 1}: '{first.Name}' has {Show(a)}, '{other.Name}' has {Show(b)}.",
                "Give sources with the same columns in the same order, or state the types, for example with CsvOptions.Schema.") { DataSource = other.Name, Column = b?.Name ?? a!.Name };
        }

        static string Show(Field? field) => field is null ? "none" : $"'{field.Name}' ({field.Type}{(field.Type == ColumnType.Vector ? $" of {field.Length}" : "")})";
    }
}
