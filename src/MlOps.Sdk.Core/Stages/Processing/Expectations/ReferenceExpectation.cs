using MlOps.Sdk.Collection;
using MlOps.Sdk.Data;
using MlOps.Sdk.Execution;

namespace MlOps.Sdk.Processing;

/// <summary>
/// Every value occurs in a column of other rows: a table, which is read at once, or a source, which is read before each check.
/// </summary>
internal sealed class ReferenceExpectation : ITableExpectation
{
    private readonly string _column;
    private readonly string _referenceColumn;

    // The description names a digest of the values, and a source makes the stage's result one that is never reused.
    [NotInFingerprint]
    private readonly ReferenceValues? _values;

    [NotInFingerprint]
    private readonly IDataSource? _source;

    public ReferenceExpectation(string column, Dataset reference, string referenceColumn)
    {
        _column = column;
        _referenceColumn = referenceColumn;
        _values = ReferenceValues.Of(reference, referenceColumn);
        Description = FormattableString.Invariant(
            $"{column} occurs in '{referenceColumn}' of the reference table ({_values.Count:N0} values, {_values.Digest})");
    }

    public ReferenceExpectation(string column, IDataSource source, string referenceColumn)
    {
        _column = column;
        _referenceColumn = referenceColumn;
        _source = source;
        Description = $"{column} occurs in '{referenceColumn}' of {source.Name}";
    }

    public string Name => $"{_column}.occurs_in";

    public string Description { get; }

    public TablePlan Plan => new DistinctPlan([_column]);

    /// <summary>Whether what the rows are compared with may change behind our back.</summary>
    public bool ReadsSource => _source is not null;

    public ExpectationCheck Begin(Schema schema)
    {
        var index = ColumnChange.Find(schema, _column, $"The expectation '{Name}'");
        var pass = new Pass(this, schema[index], index);
        if (_values is not null) pass.Use(_values);
        return pass;
    }

    private sealed class Pass(ReferenceExpectation expectation, Field field, int index) : ExpectationCheck
    {
        private readonly RowKey[] _keys = new RowKey[RecordBatch.MaxRows];
        private readonly RowKeyHasher _hasher = ReferenceValues.Hasher(field);
        private ReferenceValues? _values;

        public void Use(ReferenceValues values)
        {
            values.RequireComparable(field);
            _values = values;
        }

        public override ValueTask PrepareAsync(CancellationToken cancellationToken) => PrepareAsync([], cancellationToken);

        internal override async ValueTask PrepareAsync(IReadOnlyCollection<string> personal, CancellationToken cancellationToken)
        {
            if (expectation._source is not { } source) return;
            Use(await ReferenceValues.OfAsync(source, expectation._referenceColumn, personal, cancellationToken).ConfigureAwait(false));
        }

        public override void Check(RecordBatch batch, Span<bool> failed)
        {
            var values = _values
                ?? throw new InvalidOperationException("The check has not been prepared: await PrepareAsync before the first batch.");
            var column = batch.Columns[index];
            _hasher.Compute(ReferenceValues.Batch(field, column), _keys);
            for (var row = 0; row < failed.Length; row++) failed[row] = !column.IsMissing(row) && !values.Contains(_keys[row]);
        }

        public override string? Show(RecordBatch batch, int row) => batch.Columns[index].GetText(row);
    }
}
