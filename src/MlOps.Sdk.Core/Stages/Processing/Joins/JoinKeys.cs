using MlOps.Sdk.Data;

namespace MlOps.Sdk.Processing;

/// <summary>
/// The keys by which rows of two tables belong together, as 128-bit hashes; a row that lacks a part of its key belongs to none. Not
/// thread-safe: it reuses a buffer.
/// </summary>
internal sealed class JoinKeys
{
    private readonly RowKeyHasher _hasher;
    private readonly int[] _columns;

    public JoinKeys(Schema schema, IReadOnlyList<string> columns, string step)
    {
        _hasher = new RowKeyHasher(schema, columns, "join", step, required: false);
        _columns = [.. columns.Select(schema.IndexOf)];
    }

    /// <summary>Rejects keys that could never be equal.</summary>
    /// <exception cref="MlOpsException">A column is missing on one side, or the types differ.</exception>
    public static void Check(Schema rows, Schema reference, IReadOnlyList<string> columns, string step)
    {
        foreach (var column in columns)
        {
            var here = rows[ColumnChange.Find(rows, column, step)].Type;
            var there = reference[ColumnChange.Find(reference, column, $"{step}, in its reference,")].Type;
            if (here != there && (here, there) is not ((ColumnType.Integer, ColumnType.Number) or (ColumnType.Number, ColumnType.Integer)))
            {
                throw new MlOpsException(
                    $"{step}: the key is {here} in the rows and {there} in the reference, so they cannot be equal.",
                    "Cast one of the two.") { Column = column };
            }
        }
    }

    /// <summary>Computes the key of each row, and says where all of it is there.</summary>
    public void Compute(RecordBatch batch, RowKey[] keys, Span<bool> isComplete)
    {
        _hasher.Compute(batch, keys);
        for (var row = 0; row < batch.RowCount; row++)
        {
            isComplete[row] = true;
            foreach (var column in _columns) isComplete[row] &= !batch.Columns[column].IsMissing(row);
        }
    }

    /// <summary>The keys of all rows of a table; <see langword="null"/> where a part is missing.</summary>
    public static RowKey?[] Of(Dataset rows, IReadOnlyList<string> columns, string step)
    {
        var slim = new Dataset(new Schema(columns.Select(column => rows.Schema[column])), [.. columns.Select(column => rows[column])]);
        var hasher = new JoinKeys(slim.Schema, columns, step);
        var keys = new RowKey[RecordBatch.MaxRows];
        var isComplete = new bool[RecordBatch.MaxRows];
        var all = new RowKey?[rows.RowCount];
        var start = 0;
        foreach (var batch in slim.ToBatches())
        {
            hasher.Compute(batch, keys, isComplete);
            for (var row = 0; row < batch.RowCount; row++) all[start + row] = isComplete[row] ? keys[row] : null;
            start += batch.RowCount;
        }

        return all;
    }
}
