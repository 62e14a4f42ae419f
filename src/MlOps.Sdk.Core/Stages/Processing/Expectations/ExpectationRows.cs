using System.Globalization;
using System.Linq.Expressions;
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
    public ColumnRules Column(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        return new ColumnRules(name);
    }

    /// <summary>Expectations of some columns of each row, compared with each other.</summary>
    /// <param name="names">The columns' names; at least two.</param>
    public RowRules Columns(params string[] names) => new(Several(names));

    /// <summary>
    /// No combination of values appears twice; its first row passes, and so do rows without a value in one of the columns. A 128-bit hash
    /// is kept of each combination, so two of n different ones pass for equal with a probability below n² / 2^129.
    /// </summary>
    /// <param name="columns">The columns' names; at least two. For one column: <see cref="ColumnRules.Unique"/>.</param>
    public IExpectation Unique(params string[] columns)
    {
        var names = Several(columns);
        return new TupleExpectation(names, $"{string.Join('_', names)}.unique", $"{string.Join(", ", names)} are unique together", fields =>
        {
            var schema = new Schema(fields);
            var hasher = new RowKeyHasher(schema, [], "unique", "", required: false);
            var seen = new HashSet<RowKey>();
            var keys = new RowKey[RecordBatch.MaxRows];
            return (values, failed) =>
            {
                hasher.Compute(new RecordBatch(schema, values), keys);
                for (var row = 0; row < failed.Length; row++) failed[row] = RowRules.HasAll(values, row) && !seen.Add(keys[row]);
            };
        }, new DuplicatesPlan(names));
    }

    /// <summary>
    /// Each row fulfils a condition, for example <c>row => row.Number("paid") &lt;= row.Number("billed")</c>. A row
    /// for which it is missing passes.
    /// </summary>
    /// <param name="name">A short name, for messages.</param>
    /// <param name="condition">The condition; see <see cref="RowValues"/> for what it may use.</param>
    /// <exception cref="MlOpsException">The expression uses something else.</exception>
    public IExpectation Fulfil(string name, Expression<Func<RowValues, bool?>> condition)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        var node = ExpressionTranslator.Translate(condition);
        string[] columns = [.. ColumnsOf(node).Distinct(StringComparer.Ordinal)];
        return new TupleExpectation(columns, name, $"{name}: {node}", fields =>
        {
            var function = new ExpressionCompiler(new Schema(fields), $"The expectation '{name}'").Truth(node);
            return (values, failed) =>
            {
                Column[] read = [.. values];
                var rows = new RowBlock(read, 0, failed.Length);
                for (var row = 0; row < failed.Length; row++) failed[row] = function(rows, row) == 0;
            };
        });
    }

    /// <summary>The number of rows lies in a range, both ends included.</summary>
    /// <param name="min">The smallest number.</param>
    /// <param name="max">The largest number; <see langword="null"/> for any.</param>
    public IExpectation RowCount(long min, long? max = null)
    {
        if (min < 0 || max < min) throw new ArgumentOutOfRangeException(nameof(max), "The range of the number of rows is empty.");
        return new RowCountExpectation(min, max);
    }

    private static string[] Several(string[] names)
    {
        ArgumentNullException.ThrowIfNull(names);
        if (names.Length < 2 || names.Any(string.IsNullOrEmpty) || names.Distinct(StringComparer.Ordinal).Count() != names.Length)
        {
            throw new ArgumentException("Name at least two columns, and each only once.", nameof(names));
        }
        return [.. names];
    }

    private static IEnumerable<string> ColumnsOf(ExpressionNode node) =>
        (node.Column is { } column ? [column] : Enumerable.Empty<string>()).Concat(node.Args.SelectMany(ColumnsOf));

    private sealed class RowCountExpectation(long min, long? max) : ITableExpectation
    {
        public TablePlan Plan => new RowCountPlan(rows => Judge(rows, min, max));

        public string Name => "row_count";

        public string Description => max is null
            ? string.Create(CultureInfo.InvariantCulture, $"there are at least {min:N0} rows")
            : string.Create(CultureInfo.InvariantCulture, $"there are {min:N0} to {max:N0} rows");

        public ExpectationCheck Begin(Schema schema) => new Counter(min, max);
    }

    private sealed class Counter(long min, long? max) : ExpectationCheck
    {
        private long _rows;

        public override void Check(RecordBatch batch, Span<bool> failed) => _rows += batch.RowCount;

        public override string? Complete() => Judge(_rows, min, max);
    }

    private static string? Judge(long rows, long min, long? max) =>
        rows < min || rows > max ? string.Create(CultureInfo.InvariantCulture, $"there are {rows:N0}") : null;
}
