using System.Globalization;
using System.Runtime.CompilerServices;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.Processing;

/// <summary>Appends columns of a reference, found by key. Rows stream and are never multiplied; the reference is held in memory.</summary>
internal sealed class JoinReference(
    ReferenceTable reference, string[] on, JoinKind kind, string[]? columns, string prefix) : IReferenceProcessor
{
    private readonly MatchCount _matches = new();

    public ReferenceTable Reference => reference;

    public string? Note => _matches.Describe(reference.Name, on, ToString());

    public Schema Bind(Schema input)
    {
        JoinKeys.Check(input, reference.Rows.Schema, on, ToString());
        return Columns(input).Output;
    }

    public async IAsyncEnumerable<RecordBatch> ProcessAsync(
        IAsyncEnumerable<RecordBatch> rows,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var index = Index();
        (JoinKeys Keys, ReferenceColumns Columns)? bound = null;
        var keys = new RowKey[RecordBatch.MaxRows];
        var isComplete = new bool[RecordBatch.MaxRows];
        await foreach (var batch in rows.WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            var (hasher, appended) = bound ??= (new JoinKeys(batch.Schema, on, ToString()), Columns(batch.Schema));
            hasher.Compute(batch, keys, isComplete);
            var matches = new int[batch.RowCount];
            for (var row = 0; row < matches.Length; row++)
            {
                matches[row] = isComplete[row] && index.TryGetValue(keys[row], out var match) ? match : -1;
            }
            _matches.Add(matches);
            if (kind == JoinKind.Left || !matches.Contains(-1))
            {
                yield return appended.Append(batch, matches);
                continue;
            }

            int[] kept = [.. Enumerable.Range(0, matches.Length).Where(row => matches[row] >= 0)];
            if (kept.Length > 0) yield return appended.Append(batch.Take(kept), Array.ConvertAll(kept, row => matches[row]));
        }
    }

    public override string ToString() =>
        $"join({reference.Name}; on {string.Join(", ", on)}; " +
        $"{kind}{(columns is null ? "" : $"; {string.Join(", ", columns)}")}{(prefix.Length == 0 ? "" : $"; prefix {prefix}")})";

    private ReferenceColumns Columns(Schema input) => new(input, reference.Rows, columns, on, prefix, ToString());

    private Dictionary<RowKey, int> Index()
    {
        var keys = JoinKeys.Of(reference.Rows, on, ToString());
        var index = new Dictionary<RowKey, int>(keys.Length);
        for (var row = 0; row < keys.Length; row++)
        {
            if (keys[row] is { } key && !index.TryAdd(key, row)) throw Repeated(index[key], row);
        }

        return index;
    }

    // The rows, not their key: who joins by a personal column has its values here.
    private MlOpsException Repeated(int first, int second) => new(
        string.Create(
            CultureInfo.InvariantCulture,
            $"Rows {first + 1} and {second + 1} of the reference have the same key ({string.Join(", ", on)}): a join would multiply rows."),
        "Make the keys of the reference unique: join by more columns, or drop its duplicates first.")
    {
        DataSource = reference.Name,
        Column = on[0]
    };
}
