using System.Globalization;
using System.Text;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.Processing;

/// <summary>The keys by which a splitter knows rows, and by which earlier runs knew them. Immutable and thread-safe.</summary>
internal sealed class SplitKeys(ISplitter splitter)
{
    /// <summary>
    /// The columns by which rows are known. Without a declared key, all except the label: a row that comes back with a
    /// corrected label stays on its side.
    /// </summary>
    public string[] Columns(Schema schema, string? label) =>
        splitter is HashSplitter { IsPortable: true } ? [PortableKey.Mark, .. PortableKey.Ordered(splitter.Key)]
        : [.. (splitter.Key.Count > 0
            ? splitter.Key.Distinct(StringComparer.Ordinal)
            : schema.Select(field => field.Name).Where(name => name != label)).Order(StringComparer.Ordinal)];

    /// <summary>Begins to compute the keys of rows of a schema, batch by batch; a row without one gets one that tells its number.</summary>
    /// <param name="schema">The columns of the rows.</param>
    /// <param name="label">The label's name among them; <see langword="null"/> where it does not exist.</param>
    /// <param name="salt">Makes keys differ between lifecycles.</param>
    /// <param name="sealedSets">The rows that earlier runs were judged on.</param>
    /// <param name="sealedRows">Where to add the keys of rows that are among these.</param>
    /// <exception cref="MlOpsException">A column is gone by which rows are known, or were known.</exception>
    public Func<RecordBatch, RowKey[]> Begin(
        Schema schema, string? label, string salt, IReadOnlyList<RowKeySet> sealedSets, HashSet<RowKey> sealedRows)
    {
        var columns = Columns(schema, label);
        var hasher = PortableKey.HasherOf(schema, columns, salt, "The split", required: splitter.Key.Count > 0);
        var recognize = Recognizer(schema, columns, salt, sealedSets, sealedRows);
        long before = 0;
        return batch =>
        {
            var keys = new RowKey[batch.RowCount];
            hasher.Compute(batch, keys);
            for (var row = 0; row < keys.Length; row++)
            {
                if (keys[row] == default) keys[row] = KeyedBatch.NoKey(before + row + 1);
            }

            recognize?.Invoke(batch, keys);
            before += batch.RowCount;
            return keys;
        };
    }

    /// <summary>
    /// What of the rows that earlier runs were judged on decides the split besides the splitter; empty when the
    /// splitter would hold them out anyway.
    /// </summary>
    /// <param name="columns">The columns by which rows are known now.</param>
    /// <param name="sealedSets">The rows of earlier runs.</param>
    public string DescribeSealed(string[] columns, IReadOnlyList<RowKeySet> sealedSets)
    {
        var text = new StringBuilder();
        foreach (var set in sealedSets)
        {
            var isSame = set.Columns.SequenceEqual(columns);
            var decisive = set.Keys
                .Where(key => !isSame || splitter is not HashSplitter hash || !hash.Holds(key))
                .Distinct()
                .Order()
                .ToArray();
            if (decisive.Length > 0) text.AppendJoin(',', set.Columns).Append(':').AppendJoin(',', decisive).Append(';');
        }

        return text.ToString();
    }

    /// <summary>The error for a row that has no key when the split comes.</summary>
    public MlOpsException Missing(RowKey key) => new(
        string.Create(CultureInfo.InvariantCulture, $"Row {key.Low}: The row has no value in its key."),
        "Filter such rows out, quarantine them (Expect(…, OnFailure.Quarantine)), or split without a key: " +
            "the content of the row then decides.") { Column = splitter.Key[0] };

    // Adds to the sealed rows those of a batch that earlier runs were judged on, also where these knew rows by other columns;
    // null when the keys of now tell.
    private static Action<RecordBatch, RowKey[]>? Recognizer(
        Schema schema, string[] columns, string salt, IReadOnlyList<RowKeySet> sealedSets, HashSet<RowKey> sealedRows)
    {
        var others = new List<(IRowKeyHasher Hasher, HashSet<RowKey> Keys)>();
        foreach (var set in sealedSets)
        {
            if (set.Columns.SequenceEqual(columns)) sealedRows.UnionWith(set.Keys);
            else if (PortableKey.ColumnsOf(set.Columns).FirstOrDefault(column => !schema.Contains(column)) is { } gone)
                throw new MlOpsException(
                    $"Rows that an earlier run was judged on cannot be recognized: the column '{gone}', which identifies them, is missing.",
                    "Restore the column, or start a lifecycle with a new name. A declared key, Split(test, key), keeps rows " +
                        "recognizable when columns change.") { Column = gone };
            else others.Add((PortableKey.HasherOf(schema, set.Columns, salt, "The split", required: false), [.. set.Keys]));
        }

        if (others.Count == 0) return null;
        var known = new RowKey[RecordBatch.MaxRows];
        return (batch, keys) =>
        {
            foreach (var (hasher, earlier) in others)
            {
                hasher.Compute(batch, known);
                for (var row = 0; row < keys.Length; row++)
                {
                    if (earlier.Contains(known[row])) sealedRows.Add(keys[row]);
                }
            }
        };
    }
}
