using System.Globalization;
using System.Runtime.InteropServices;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.Processing;

/// <summary>
/// Holds the newest rows out: those from a time on, or the newest share. Rows of the same time stay on one side; those in the gap
/// before the holdout are on neither.
/// </summary>
internal sealed class TimeSplitter(string column, double? test, DateTime? from, TimeSpan gap) : ISplitter
{
    public string Name => $"time in {column}, {Holdout}{Gap}";

    // Apart, because an interpolation within another would take the culture of the thread.
    private string Holdout =>
        from is { } time ? FormattableString.Invariant($"test from {time:O}") : FormattableString.Invariant($"newest {test:R}");

    private string Gap => gap == default ? "" : FormattableString.Invariant($", gap {gap:c}");

    public IReadOnlyList<string> Key => [];

    public FoldRule Folds => new(FoldKind.Temporal, column, gap);

    public SplitAssignment Begin(Schema schema)
    {
        var index = ColumnChange.Find(schema, column, "The split by time");
        if (schema[index].Type != ColumnType.Timestamp)
        {
            throw new MlOpsException(
                $"The split by time needs a Timestamp column; this one is {schema[index].Type}.",
                "Cast the column to Timestamp first, or read it with ParseDates.") { Column = column };
        }
        return new Assignment(column, index, test, from?.Ticks, gap.Ticks);
    }

    private sealed class Assignment(string column, int index, double? test, long? from, long gap) : SplitAssignment
    {
        private readonly Dictionary<long, long> _counts = [];
        private long _rows;
        private long _missing;
        private long? _cut = from;

        public override void Observe(RecordBatch batch)
        {
            var times = (TimestampColumn)batch.Columns[index];
            _missing += times.NullCount;
            if (test is null) return;
            _rows += times.Length - times.NullCount;
            for (var row = 0; row < times.Length; row++)
            {
                if (!times.IsNull(row)) CollectionsMarshal.GetValueRefOrAddDefault(_counts, times.Values[row], out _)++;
            }
        }

        public override void Assign(RecordBatch batch, ReadOnlySpan<RowKey> keys, Span<SplitSide> sides)
        {
            _cut ??= FindCut();
            if (_missing > 0)
            {
                throw new MlOpsException(
                    string.Create(CultureInfo.InvariantCulture, $"{_missing} rows have no time to split by."),
                    "Fill in the times, or quarantine these rows: " +
                        "Expect(rows => rows.Column(…).NotNull(), OnFailure.Quarantine).") { Column = column };
            }
            var times = (TimestampColumn)batch.Columns[index];
            for (var row = 0; row < sides.Length; row++)
            {
                var untilHoldout = _cut.Value - times.Values[row];
                sides[row] = untilHoldout <= 0 ? SplitSide.Holdout : untilHoldout > gap ? SplitSide.Train : SplitSide.Neither;
            }
        }

        // The newest times whose rows together are at least the share requested.
        private long FindCut()
        {
            var wanted = test!.Value * _rows;
            long held = 0;
            foreach (var (time, count) in _counts.OrderByDescending(entry => entry.Key))
            {
                held += count;
                if (held >= wanted) return time;
            }

            return long.MinValue;
        }
    }
}
