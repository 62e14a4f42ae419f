// begin-snippet: custom-expectation
using System.Globalization;
using MlOps.Sdk.Data;
using MlOps.Sdk.Processing;

namespace Acme;

/// <summary>At most a share of a column's values is missing. A statement about the rows as a whole, so no single row fails.</summary>
public sealed class AtMostMissing(string column, double share) : IExpectation
{
    public string Name => $"{column}.at_most_missing";

    public string Description => string.Create(CultureInfo.InvariantCulture, $"at most {share:P0} of {column} is missing");

    public ExpectationCheck Begin(Schema schema) => new Pass(schema.IndexOf(column), share);

    private sealed class Pass(int index, double share) : ExpectationCheck
    {
        private long _rows;
        private long _missing;

        public override void Check(RecordBatch batch, Span<bool> failed)
        {
            _rows += batch.RowCount;
            _missing += batch.Columns[index].NullCount;
        }

        public override string? Complete() => _missing <= share * _rows ? null : $"{_missing} of {_rows} values are missing.";
    }
}
// end-snippet
