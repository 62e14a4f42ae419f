using System.Globalization;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.Processing;

/// <summary>The expectations that come with the library: <c>rows => rows.Column("tenure").Between(0, 120)</c>.</summary>
public sealed class ExpectationRows
{
    internal ExpectationRows()
    {
    }

    /// <summary>Expectations of one column.</summary>
    /// <param name="name">The column's name.</param>
    public ColumnExpectations Column(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        return new ColumnExpectations(name);
    }

    /// <summary>The number of rows lies in a range, both ends included.</summary>
    /// <param name="min">The smallest number.</param>
    /// <param name="max">The largest number; <see langword="null"/> for any.</param>
    public IExpectation RowCount(long min, long? max = null)
    {
        if (min < 0 || max < min) throw new ArgumentOutOfRangeException(nameof(max), "The range of the number of rows is empty.");
        return new RowCountExpectation(min, max);
    }

    private sealed class RowCountExpectation(long min, long? max) : IExpectation
    {
        public string Name => "row_count";

        public string Description => string.Create(CultureInfo.InvariantCulture, $"there are {(max is null ? $"at least {min}" : $"{min} to {max}")} rows");

        public ExpectationCheck Begin(Schema schema) => new Counter(min, max);
    }

    private sealed class Counter(long min, long? max) : ExpectationCheck
    {
        private long _rows;

        public override void Check(RecordBatch batch, Span<bool> failed) => _rows += batch.RowCount;

        public override string? Complete() => _rows < min || _rows > max ? string.Create(CultureInfo.InvariantCulture, $"there are {_rows}") : null;
    }
}
