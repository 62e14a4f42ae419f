using System.Globalization;
using System.Runtime.InteropServices;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.Processing;

/// <summary>
/// Keeps one row of each key: the first or the last, in the order of the rows or of a time column; of equal times, the first or the last
/// row. All rows are looked at before one is kept; what is remembered is a 128-bit hash, a place and a time per key, so two keys count as
/// equal with a probability below n² / 2^129.
/// </summary>
internal sealed class DropDuplicatesByKey(string[] key, KeepRow keep, string? by) : IRowSelection
{
    public bool NeedsAllRows => true;

    public SelectionPass Begin(Schema schema)
    {
        var hasher = new RowKeyHasher(schema, key, "duplicates", ToString(), required: false);
        var clock = by is null ? null : new EventTime(schema, by, ToString());
        var kept = new Dictionary<RowKey, (long Row, long Time)>();
        var keys = new RowKey[RecordBatch.MaxRows];
        long observed = 0, selected = 0;
        return new SelectionPass(Select, Observe);

        void Observe(RecordBatch batch)
        {
            hasher.Compute(batch, keys);
            clock?.Check(batch, observed);
            for (var row = 0; row < batch.RowCount; row++)
            {
                var time = clock?.Of(batch, row) ?? 0;
                ref var best = ref CollectionsMarshal.GetValueRefOrAddDefault(kept, keys[row], out var isKnown);
                if (!isKnown || (keep == KeepRow.First ? time < best.Time : time >= best.Time)) best = (observed + row, time);
            }

            observed += batch.RowCount;
        }

        List<int> Select(RecordBatch batch)
        {
            hasher.Compute(batch, keys);
            var rows = new List<int>(batch.RowCount);
            for (var row = 0; row < batch.RowCount; row++)
            {
                if (kept[keys[row]].Row == selected + row) rows.Add(row);
            }

            selected += batch.RowCount;
            return rows;
        }
    }

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"drop-duplicates({string.Join(", ", key)}; keep {keep}{(by is null ? "" : $" by {by}")})");
}
