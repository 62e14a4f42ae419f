using System.Globalization;
using System.Text;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.Processing;

/// <summary>The keys by which a splitter knows rows, and by which earlier runs knew them. Immutable and thread-safe.</summary>
internal sealed class SplitKeys(ISplitter splitter)
{
    /// <summary>
    /// The columns by which rows are known. Without a declared key, all but the label: a row that comes back with a
    /// corrected label stays on its side.
    /// </summary>
    public string[] Columns(Schema schema, string? label) =>
        [.. (splitter.Key.Count > 0
            ? splitter.Key.Distinct(StringComparer.Ordinal)
            : schema.Select(field => field.Name).Where(name => name != label)).Order(StringComparer.Ordinal)];

    /// <summary>Computes the keys of rows of a schema.</summary>
    public RowKeyHasher Hasher(Schema schema, string? label, string salt) =>
        new(schema, Columns(schema, label), salt, "The split", required: splitter.Key.Count > 0);

    /// <summary>
    /// Adds to the sealed rows those of a batch that earlier runs were judged on, also where these knew rows by other columns;
    /// <see langword="null"/> when the keys of now tell.
    /// </summary>
    public Action<RecordBatch, RowKey[]>? Recognizer(ProcessingRequest request, Schema schema, string? label, HashSet<RowKey> sealedRows)
    {
        var columns = Columns(schema, label);
        var others = new List<(RowKeyHasher Hasher, HashSet<RowKey> Keys)>();
        foreach (var set in request.Sealed)
        {
            if (set.Columns.SequenceEqual(columns)) sealedRows.UnionWith(set.Keys);
            else if (set.Columns.FirstOrDefault(column => !schema.Contains(column)) is { } gone)
                throw new MlOpsException(
                    $"Rows that an earlier run was judged on cannot be recognized: the column '{gone}', by which they are known, is gone.",
                    "Bring the column back, or begin a lifecycle with a new name. A declared key, Split(test, key), keeps rows " +
                        "recognizable when columns change.") { Column = gone };
            else others.Add((new RowKeyHasher(schema, set.Columns, request.Salt, "The split", required: false), [.. set.Keys]));
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

    /// <summary>The keys of a batch; those that stand for none where a row has none, or no key is needed.</summary>
    public static RowKey[] Compute(RowKeyHasher? hasher, RecordBatch batch, long before)
    {
        var keys = new RowKey[batch.RowCount];
        hasher?.Compute(batch, keys);
        for (var row = 0; hasher is not null && row < keys.Length; row++)
        {
            if (keys[row] == default) keys[row] = KeyedBatch.NoKey(before + row + 1);
        }

        return keys;
    }

    /// <summary>The error for a row that has no key when the split comes.</summary>
    public MlOpsException Missing(RowKey key) => new(
        string.Create(CultureInfo.InvariantCulture, $"Row {key.Low}: The row has no value in its key."),
        "Filter such rows out, set them aside (Expect(…, OnFailure.Quarantine)), or split without a key: " +
            "the content of the row then decides.") { Column = splitter.Key[0] };
}
