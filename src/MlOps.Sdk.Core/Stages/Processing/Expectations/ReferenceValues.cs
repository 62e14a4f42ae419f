using System.Buffers.Binary;
using System.Security.Cryptography;
using MlOps.Sdk.Collection;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.Processing;

/// <summary>
/// The values of a column as a set of their 128-bit hashes: 16 bytes each, whatever their length. One of m values that is not among n
/// others is taken for one of them with a probability below m · n / 2^128. Immutable and thread-safe once it is made.
/// </summary>
internal sealed class ReferenceValues
{
    private const string Name = "value";
    private readonly HashSet<RowKey> _keys = [];
    private readonly Field _field;

    private ReferenceValues(Field field) => _field = field;

    /// <summary>How many different values there are.</summary>
    public int Count => _keys.Count;

    /// <summary>Twelve hexadecimal digits that differ when the values do.</summary>
    public string Digest
    {
        get
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            Span<byte> bytes = stackalloc byte[16];
            foreach (var key in _keys.Order())
            {
                BinaryPrimitives.WriteUInt64BigEndian(bytes, key.High);
                BinaryPrimitives.WriteUInt64BigEndian(bytes[8..], key.Low);
                hash.AppendData(bytes);
            }

            return Convert.ToHexStringLower(hash.GetHashAndReset())[..12];
        }
    }

    public static ReferenceValues Of(Dataset rows, string column)
    {
        var values = new ReferenceValues(rows.Schema[ColumnChange.Find(rows.Schema, column, "The reference table")]);
        var part = rows[column];
        for (var start = 0; start < rows.RowCount; start += RecordBatch.MaxRows)
            values.Add(part.Take([.. Enumerable.Range(start, Math.Min(RecordBatch.MaxRows, rows.RowCount - start))]));
        return values;
    }

    public static async Task<ReferenceValues> OfAsync(
        IDataSource source, string column, IReadOnlyCollection<string> personal, CancellationToken cancellationToken)
    {
        var reader = await ResilientReader.OpenAsync(
            source, new ReadRequest { Columns = [column], Personal = personal }, cancellationToken).ConfigureAwait(false);
        await using (reader.ConfigureAwait(false))
        {
            var values = new ReferenceValues(reader.Schema[ColumnChange.Find(reader.Schema, column, $"The reference {source.Name}")]);
            await foreach (var batch in reader.ReadAsync(cancellationToken).ConfigureAwait(false)) values.Add(batch[column]);
            return values;
        }
    }

    public static RowKeyHasher Hasher(Field field) =>
        new(new Schema(field with { Name = Name }), [], "values", "A reference", required: false);

    public static RecordBatch Batch(Field field, Column column) => new(new Schema(field with { Name = Name }), [column]);

    public bool Contains(RowKey key) => _keys.Contains(key);

    /// <exception cref="MlOpsException">No value of the column could ever equal one of these.</exception>
    public void RequireComparable(Field field)
    {
        if (field.Type == _field.Type
            || field.Type is ColumnType.Number or ColumnType.Integer && _field.Type is ColumnType.Number or ColumnType.Integer)
        {
            return;
        }
        throw new MlOpsException(
            $"The {field.Type} column '{field.Name}' cannot be compared with the {_field.Type} column '{_field.Name}' of the reference.",
            "Cast one of the two, so that both have the same type.") { Column = field.Name };
    }

    private void Add(Column column)
    {
        var keys = new RowKey[column.Length];
        Hasher(_field).Compute(Batch(_field, column), keys);
        for (var row = 0; row < keys.Length; row++)
        {
            if (!column.IsMissing(row)) _keys.Add(keys[row]);
        }
    }
}
