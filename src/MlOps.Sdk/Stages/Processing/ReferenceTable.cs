using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using MlOps.Sdk.Collection;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.Processing;

/// <summary>A table in which a step looks rows up: read once and held in memory. Reading it is not thread-safe; afterwards it is.</summary>
/// <param name="name">The table's name, for messages.</param>
/// <param name="read">Reads it.</param>
internal sealed class ReferenceTable(string name, Func<CancellationToken, Task<Dataset>> read)
{
    private const int HashedRows = 1_024;
    private Dataset? _rows;

    public string Name => name;

    public Dataset Rows => _rows ?? throw new InvalidOperationException($"The table '{name}' has not been read.");

    public static ReferenceTable Of(Dataset rows) => new("table in memory", _ => Task.FromResult(rows));

    /// <param name="source">Where the table is read from.</param>
    /// <param name="columns">The columns to read; <see langword="null"/> for all.</param>
    /// <param name="personal">Columns whose values may not be kept in names; <see langword="null"/> for none.</param>
    public static ReferenceTable Of(IDataSource source, IReadOnlyList<string>? columns, IReadOnlyCollection<string>? personal = null) => new(source.Name, async ct =>
    {
        var scan = await source.OpenAsync(new ReadRequest { Columns = columns, Personal = personal ?? [] }, ct).ConfigureAwait(false);
        await using (scan.ConfigureAwait(false))
        {
            return await Dataset.FromBatchesAsync(scan.Schema, scan.ReadAsync(null, ct), ct).ConfigureAwait(false);
        }
    });

    /// <exception cref="MlOpsException">The source cannot be read.</exception>
    public async ValueTask LoadAsync(CancellationToken ct) => _rows ??= await read(ct).ConfigureAwait(false);

    /// <summary>A hash of the columns and of all rows, in their order.</summary>
    public string ContentHash()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes(Rows.Schema.ToString()));
        var hasher = new RowKeyHasher(Rows.Schema, [], "reference", name, required: false);
        var keys = new RowKey[HashedRows];
        foreach (var batch in Rows.ToBatches(HashedRows))
        {
            hasher.Compute(batch, keys);
            hash.AppendData(MemoryMarshal.AsBytes(keys.AsSpan(0, batch.RowCount)));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
