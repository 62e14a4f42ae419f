using System.Runtime.InteropServices;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.Processing;

/// <summary>Computes one column of a table of groups, from rows in any order. Not thread-safe.</summary>
internal abstract class GroupAccumulator
{
    /// <summary>Begins the computation of a column.</summary>
    /// <param name="column">What is computed.</param>
    /// <param name="schema">The columns of the rows.</param>
    /// <param name="step">Who asks, for messages.</param>
    /// <exception cref="MlOpsException">The source column is missing or has another type.</exception>
    public static GroupAccumulator Create(AggregateColumn column, Schema schema, string step)
    {
        if (column.Kind == AggregateKind.Rows) return new Counts(-1);
        var index = ColumnChange.Find(schema, column.Source, step);
        var type = schema[index].Type;
        var fits = column.Kind switch
        {
            AggregateKind.Sum or AggregateKind.Mean or AggregateKind.StandardDeviation =>
                type is ColumnType.Number or ColumnType.Integer or ColumnType.Boolean,
            AggregateKind.Minimum or AggregateKind.Maximum => type is ColumnType.Number or ColumnType.Integer or ColumnType.Timestamp,
            _ => true,
        };
        if (!fits)
        {
            throw new MlOpsException(
                $"{step}: '{column.Name}' cannot be computed from a {type} column.",
                "Cast the column first, or remove this aggregate.") { Column = column.Source };
        }
        return column.Kind switch
        {
            AggregateKind.Values => new Counts(index),
            AggregateKind.Sum => new Sums(index),
            AggregateKind.Mean => new Spreads(index, deviation: false),
            AggregateKind.StandardDeviation => new Spreads(index, deviation: true),
            AggregateKind.DistinctValues => new Distinct(index, schema[index]),
            AggregateKind.First or AggregateKind.Last => new Edges(index, schema[index], column.Kind == AggregateKind.Last),
            _ => new Extremes(index, type, column.Kind == AggregateKind.Maximum),
        };
    }

    /// <summary>The column's type.</summary>
    public abstract (ColumnType Type, int Length) Output { get; }

    /// <summary>Looks at a batch before its rows are added.</summary>
    public virtual void Begin(RecordBatch batch)
    {
    }

    /// <summary>Adds a row to a group; groups are numbered from 0 as they come.</summary>
    public abstract void Add(RecordBatch batch, int row, int group, long time);

    /// <summary>Lets go of the batch.</summary>
    public virtual void End()
    {
    }

    /// <summary>Appends the value of a group.</summary>
    public abstract void AppendTo(ColumnBuilder output, int group);

    private static ref T Slot<T>(List<T> slots, int group)
    {
        if (slots.Count <= group) CollectionsMarshal.SetCount(slots, group + 1);
        return ref CollectionsMarshal.AsSpan(slots)[group];
    }

    private static void AppendNumber(ColumnBuilder output, double value)
    {
        if (double.IsNaN(value)) output.AppendNull();
        else ((NumberColumnBuilder)output).Append(value);
    }

    private sealed class Counts(int index) : GroupAccumulator
    {
        private readonly List<long> _counts = [];

        public override (ColumnType Type, int Length) Output => (ColumnType.Integer, 1);

        public override void Add(RecordBatch batch, int row, int group, long time)
        {
            ref var count = ref Slot(_counts, group);
            if (index < 0 || !batch.Columns[index].IsMissing(row)) count++;
        }

        public override void AppendTo(ColumnBuilder output, int group) => ((IntegerColumnBuilder)output).Append(_counts[group]);
    }

    private sealed class Sums(int index) : GroupAccumulator
    {
        private readonly List<(double Sum, double Lost, bool Any)> _sums = [];

        public override (ColumnType Type, int Length) Output => (ColumnType.Number, 1);

        public override void Add(RecordBatch batch, int row, int group, long time)
        {
            ref var slot = ref Slot(_sums, group);
            var value = batch.Columns[index].GetNumber(row);
            if (double.IsNaN(value)) return;
            var sum = slot.Sum + value;
            if (double.IsFinite(sum)) slot.Lost += Math.Abs(slot.Sum) >= Math.Abs(value) ? slot.Sum - sum + value : value - sum + slot.Sum;
            slot = (sum, slot.Lost, true);
        }

        public override void AppendTo(ColumnBuilder output, int group) =>
            AppendNumber(output, _sums[group] is { Any: true } slot ? slot.Sum + slot.Lost : double.NaN);
    }

    private sealed class Spreads(int index, bool deviation) : GroupAccumulator
    {
        private readonly List<(long Count, double Mean, double Squares)> _slots = [];

        public override (ColumnType Type, int Length) Output => (ColumnType.Number, 1);

        public override void Add(RecordBatch batch, int row, int group, long time)
        {
            ref var slot = ref Slot(_slots, group);
            var value = batch.Columns[index].GetNumber(row);
            if (double.IsNaN(value)) return;
            var count = slot.Count + 1;
            var delta = value - slot.Mean;
            var mean = slot.Mean + delta / count;
            slot = (count, mean, slot.Squares + delta * (value - mean));
        }

        public override void AppendTo(ColumnBuilder output, int group)
        {
            var (count, mean, squares) = _slots[group];
            if (deviation) AppendNumber(output, count < 2 ? double.NaN : Math.Sqrt(squares / (count - 1)));
            else AppendNumber(output, count == 0 ? double.NaN : mean);
        }
    }

    private sealed class Extremes(int index, ColumnType type, bool largest) : GroupAccumulator
    {
        private readonly List<(double Number, long Whole, bool Any)> _slots = [];

        public override (ColumnType Type, int Length) Output => (type, 1);

        // Integers and times beyond 2^53 would lose digits as doubles.
        public override void Add(RecordBatch batch, int row, int group, long time)
        {
            ref var slot = ref Slot(_slots, group);
            var column = batch.Columns[index];
            if (column.IsMissing(row)) return;
            if (column is NumberColumn numbers)
            {
                var value = numbers.Values[row];
                if (!slot.Any || (largest ? value > slot.Number : value < slot.Number)) slot = (value, 0, true);
            }
            else
            {
                var value = ((Column<long>)column).Values[row];
                if (!slot.Any || (largest ? value > slot.Whole : value < slot.Whole)) slot = (0, value, true);
            }
        }

        public override void AppendTo(ColumnBuilder output, int group)
        {
            var (number, whole, any) = _slots[group];
            if (!any) output.AppendNull();
            else if (output is NumberColumnBuilder numbers) numbers.Append(number);
            else if (output is IntegerColumnBuilder integers) integers.Append(whole);
            else ((TimestampColumnBuilder)output).Append(new DateTime(whole, DateTimeKind.Utc));
        }
    }

    private sealed class Distinct(int index, Field field) : GroupAccumulator
    {
        private readonly Schema _schema = new(field);
        private readonly RowKeyHasher _hasher = new(new Schema(field), [], "distinct", "", required: false);
        private readonly RowKey[] _keys = new RowKey[RecordBatch.MaxRows];
        private readonly List<HashSet<RowKey>?> _values = [];

        public override (ColumnType Type, int Length) Output => (ColumnType.Integer, 1);

        public override void Begin(RecordBatch batch) => _hasher.Compute(new RecordBatch(_schema, [batch.Columns[index]]), _keys);

        public override void Add(RecordBatch batch, int row, int group, long time)
        {
            ref var values = ref Slot(_values, group);
            if (!batch.Columns[index].IsMissing(row)) (values ??= []).Add(_keys[row]);
        }

        public override void AppendTo(ColumnBuilder output, int group) => ((IntegerColumnBuilder)output).Append(_values[group]?.Count ?? 0);
    }

    private sealed class Edges(int index, Field input, bool last) : GroupAccumulator
    {
        private readonly KeptCells _cells = new();
        private readonly List<(long Time, bool Any)> _slots = [];

        public override (ColumnType Type, int Length) Output => (input.Type, input.Length);

        public override void Add(RecordBatch batch, int row, int group, long time)
        {
            ref var slot = ref Slot(_slots, group);
            var column = batch.Columns[index];
            if (column.IsMissing(row) || slot.Any && (last ? time < slot.Time : time >= slot.Time)) return;
            slot = (time, true);
            _cells.Set(group, column, row);
        }

        public override void End() => _cells.Detach();

        public override void AppendTo(ColumnBuilder output, int group) => _cells.AppendTo(output, group);
    }
}
