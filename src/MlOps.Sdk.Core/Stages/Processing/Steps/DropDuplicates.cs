using MlOps.Sdk.Data;

namespace MlOps.Sdk.Processing;

/// <summary>
/// Keeps the first of equal rows, or of rows with equal keys. It remembers a 128-bit hash per kept row, so two different rows count as
/// equal with a probability below n² / 2^129.
/// </summary>
internal sealed class DropDuplicates(string[] key) : IRowSelection
{
    public bool NeedsAllRows => true;

    public SelectionPass Begin(Schema schema)
    {
        var hasher = new RowKeyHasher(schema, key, "duplicates", ToString(), required: false);
        var seen = new HashSet<RowKey>();
        var keys = new RowKey[RecordBatch.MaxRows];
        return new SelectionPass(batch =>
        {
            hasher.Compute(batch, keys);
            var kept = new List<int>(batch.RowCount);
            for (var row = 0; row < batch.RowCount; row++)
            {
                if (seen.Add(keys[row])) kept.Add(row);
            }

            return kept;
        });
    }

    public override string ToString() => $"drop-duplicates({string.Join(", ", key)})";
}
