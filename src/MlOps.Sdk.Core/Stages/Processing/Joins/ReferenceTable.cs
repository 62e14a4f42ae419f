using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using MlOps.Sdk.Collection;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.Processing;

/// <summary>A table in which a step looks rows up: read once and held in memory. Reading it is not thread-safe; afterwards it is.</summary>
internal sealed class ReferenceTable
{
    private const int HashedRows = 1_024;
    private readonly IDataSource? _source;
    private readonly ReadRequest _request = ReadRequest.All;
    private Dataset? _rows;

    private ReferenceTable(Dataset rows) => _rows = rows;

    private ReferenceTable(IDataSource source, ReadRequest request) => (_source, _request) = (source, request);

    public string Name => _source?.Name ?? "table in memory";

    public Dataset Rows => _rows ?? throw new InvalidOperationException($"The table '{Name}' has not been read.");

    /// <summary>Whether the table can be read again.</summary>
    public bool IsRepeatable { get; private set; } = true;

    /// <summary>What was asked of the source, for lineage; <see langword="null"/> where that is all of it.</summary>
    public string? Query { get; private set; }

    /// <summary>What the source noticed about its content, as sentences.</summary>
    public IReadOnlyList<string> Notes { get; private set; } = [];

    public static ReferenceTable Of(Dataset rows) => new(rows);

    /// <param name="source">Where the table is read from.</param>
    /// <param name="columns">The columns to read; <see langword="null"/> for all.</param>
    /// <param name="personal">Columns whose values may not be kept in names; <see langword="null"/> for none.</param>
    public static ReferenceTable Of(IDataSource source, IReadOnlyList<string>? columns, IReadOnlyCollection<string>? personal = null) =>
        new(source, new ReadRequest { Columns = columns, Personal = personal ?? [] });

    /// <param name="personal">More columns whose values may be kept in no name and no message.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <exception cref="MlOpsException">The source cannot be read.</exception>
    public async ValueTask LoadAsync(IReadOnlyCollection<string> personal, CancellationToken cancellationToken)
    {
        if (_rows is not null) return;
        var request = _request with { Personal = [.. _request.Personal.Union(personal)] };
        var reader = await ResilientReader.OpenAsync(_source!, request, cancellationToken).ConfigureAwait(false);
        await using (reader.ConfigureAwait(false))
        {
            var rows = await Dataset.FromBatchesAsync(
                reader.Schema, reader.ReadAsync(cancellationToken), cancellationToken).ConfigureAwait(false);
            (IsRepeatable, Query, Notes) = (reader.IsRepeatable, reader.Query, reader.Notes);
            _rows = rows;
        }
    }

    /// <summary>A hash of the columns and of all rows, in their order.</summary>
    public string ContentHash()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes(Rows.Schema.ToString()));
        var hasher = new RowKeyHasher(Rows.Schema, [], "reference", Name, required: false);
        var keys = new RowKey[HashedRows];
        foreach (var batch in Rows.ToBatches(HashedRows))
        {
            hasher.Compute(batch, keys);
            hash.AppendData(MemoryMarshal.AsBytes(keys.AsSpan(0, batch.RowCount)));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
