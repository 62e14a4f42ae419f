using MlOps.Sdk.Data;

namespace MlOps.Sdk.Collection;

/// <summary>The rows of one row group that are in all ranges, batch by batch. Not thread-safe.</summary>
internal sealed class RowGroupRows
{
    private readonly ParquetTable _table;
    private readonly ColumnValues[] _values;
    private readonly ColumnValues[] _filterValues;
    private int _left;

    private RowGroupRows(ParquetTable table, RowGroupLayout group, ColumnValues[] values, ColumnValues[] filterValues)
    {
        _table = table;
        _values = values;
        _filterValues = filterValues;
        _left = group.Rows;
    }

    public bool HasMore => _left > 0;

    public static async ValueTask<RowGroupRows> OpenAsync(
        Stream file, ParquetTable table, RowGroupLayout group, UnpackedBytes memory, string name, CancellationToken cancellationToken)
    {
        memory.Begin(group, [.. table.Filters.Select(filter => filter.Column), .. table.Columns]);
        var filters = new ColumnValues[table.Filters.Count];
        for (var i = 0; i < filters.Length; i++)
        {
            filters[i] = await ColumnReader.ReadAsync(
                file, table.Layout, group, table.Filters[i].Column, memory, name, cancellationToken).ConfigureAwait(false);
        }

        var values = new ColumnValues[table.Columns.Count];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = await ColumnReader.ReadAsync(
                file, table.Layout, group, table.Columns[i], memory, name, cancellationToken).ConfigureAwait(false);
            if (values[i] is VectorValues { Length: > 0 } vectors && vectors.Length != table.Columns[i].Field.Length)
            {
                throw ParquetFailure.Refused(
                    name,
                    table.Columns[i].Field.Name,
                    FormattableString.Invariant(
                        $"has lists of several lengths, such as {table.Columns[i].Field.Length} and {vectors.Length}"),
                    "Write lists of one length.");
            }
        }

        return new RowGroupRows(table, group, values, filters);
    }

    /// <summary>Passes over rows; only where there is no range.</summary>
    public void Skip(int rows)
    {
        foreach (var column in _values) column.Skip(rows);
        _left -= rows;
    }

    /// <summary>The next rows, those out of range left out; <see langword="null"/> where all are.</summary>
    public RecordBatch? Next(Schema schema, int rows)
    {
        rows = Math.Min(rows, _left);
        _left -= rows;
        var kept = Kept(rows);
        if (kept is { Length: 0 })
        {
            foreach (var column in _values) column.Skip(rows);
            return null;
        }

        var columns = new Column[_values.Length];
        for (var i = 0; i < columns.Length; i++)
        {
            var builder = ColumnBuilder.Create(schema[i].Type, schema[i].Length, rows);
            _values[i].Append(builder, rows);
            columns[i] = builder.Build();
        }

        var batch = new RecordBatch(schema, columns);
        return kept is null || kept.Length == rows ? batch : batch.Take(kept);
    }

    /// <summary>The next rows that are in all ranges, counted.</summary>
    public int Count(int rows)
    {
        rows = Math.Min(rows, _left);
        _left -= rows;
        return Kept(rows)?.Length ?? rows;
    }

    private int[]? Kept(int rows)
    {
        if (_filterValues.Length == 0) return null;
        var keep = new bool[rows];
        Array.Fill(keep, true);
        for (var i = 0; i < _filterValues.Length; i++)
        {
            var builder = ColumnBuilder.Create(_table.Filters[i].Column.Field.Type, capacity: rows);
            _filterValues[i].Append(builder, rows);
            _table.Filters[i].Apply(builder.Build(), keep);
        }

        return [.. Enumerable.Range(0, rows).Where(row => keep[row])];
    }
}
