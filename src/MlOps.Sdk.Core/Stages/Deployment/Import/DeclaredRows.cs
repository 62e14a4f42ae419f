using MlOps.Sdk.Data;
using MlOps.Sdk.Metrics;
using MlOps.Sdk.Packaging;
using MlOps.Sdk.Processing;
using MlOps.Sdk.Storage;
using MlOps.Sdk.Tracking;

namespace MlOps.Sdk.Deployment;

/// <summary>
/// The rows that an imported model is judged on. Every look at them goes into the ledger before they are shown, with their keys, so that no
/// lifecycle of the model's name trains on them later; only rows that are too alike to be recognized are not kept from it.
/// </summary>
internal sealed class DeclaredRows : IUnseenRows
{
    private const double LeastDistinct = 0.9;

    private readonly string _model;
    private readonly Dataset _rows;
    private readonly double[] _weights;
    private readonly string _keys;
    private readonly string? _key;
    private readonly HoldoutLedger _ledger;
    private readonly TimeProvider _time;

    private DeclaredRows(
        string model, Dataset rows, double[] weights, string keys, string? key, bool areSealed, HoldoutLedger ledger, TimeProvider time)
    {
        _model = model;
        _rows = rows;
        _weights = weights;
        _keys = keys;
        _key = key;
        AreSealed = areSealed;
        _ledger = ledger;
        _time = time;
    }

    public int RowCount => _rows.RowCount;

    /// <summary>The rows.</summary>
    public Dataset Rows => _rows;

    /// <summary>What identifies the rows: the artifact of their keys.</summary>
    public string Keys => _keys;

    /// <summary>Whether the rows are kept from the training of later lifecycles.</summary>
    public bool AreSealed { get; }

    public static async Task<DeclaredRows> KeepAsync(
        string model,
        Dataset rows,
        double[] weights,
        string? key,
        string label,
        IArtifactStore artifacts,
        ArtifactReferences references,
        HoldoutLedger ledger,
        TimeProvider time,
        CancellationToken cancellationToken)
    {
        if (key is not null) NearestName.Require([key], "Judge(…, key: …)", rows.Schema);
        string[] columns = key is null ? ColumnsBut(label, rows) : [key];
        var keys = ProcessingStage.KeysOf(rows, columns, model);

        // Rows of few columns are like one another: what they have in common with other rows does not make those the same rows. A key that
        // is named means what it says: all rows of a customer are kept from training.
        var identify = key is not null || keys.Distinct().Count() >= LeastDistinct * keys.Length;
        var saved = new RowKeySet(columns, identify ? keys : []).Save();
        var kept = ArtifactId.Of(saved);

        // What nobody refers to may be collected between the two.
        await references.KeepAsync("holdout", model, [kept], cancellationToken).ConfigureAwait(false);
        await artifacts.PutAsync(saved, cancellationToken).ConfigureAwait(false);
        return new DeclaredRows(model, rows, weights, kept.ToString(), key, identify, ledger, time);
    }

    /// <summary>What tells rows apart: all columns but the label.</summary>
    public static RowKey[] ContentOf(string model, Dataset rows, string label) =>
        ProcessingStage.KeysOf(rows, ColumnsBut(label, rows), model);

    /// <summary>The rows without some of them.</summary>
    public DeclaredRows Without(IReadOnlyList<int> taken)
    {
        if (taken.Count == 0) return this;
        HashSet<int> left = [.. taken];
        int[] kept = [.. Enumerable.Range(0, RowCount).Where(row => !left.Contains(row))];
        return new DeclaredRows(
            _model,
            _rows.Take(kept),
            _weights.Length == 0 ? [] : Array.ConvertAll(kept, row => _weights[row]),
            _keys,
            _key,
            AreSealed,
            _ledger,
            _time);
    }

    public Task RecordLookAsync(string purpose, CancellationToken cancellationToken) => _ledger.RecordAsync(
        _model, $"import:{_keys[..16]}", purpose, _keys, RowCount, _time.GetUtcNow(), cancellationToken);

    public Task<int> OrdinalOfAsync(string kind, string purpose, CancellationToken cancellationToken) =>
        _ledger.OrdinalOfAsync(_model, kind, purpose, _keys, cancellationToken);

    public Evaluation Evaluate(ModelPackage package, CancellationToken cancellationToken) => new()
    {
        Task = package.Problem.Task,
        Labels = package.Decision.Labels.Encode(_rows),
        Scores = package.Score(_rows, cancellationToken),
        Weights = _weights,
        ClassCount = package.Decision.Labels.ClassCount,
        Classes = package.Decision.Labels.Classes,
        Threshold = package.Decision.Threshold,
        Groups = Groups.Of(_rows, package.Problem.Label),
    };

    public int[] UnseenBy(RowKeySet? trained)
    {
        int[] all = [.. Enumerable.Range(0, RowCount)];
        if (trained is null) return all;
        var keys = ProcessingStage.KeysOf(_rows, trained.Columns, _model);
        var seen = trained.Keys.ToHashSet();
        return [.. all.Where(row => !seen.Contains(keys[row]))];
    }

    public Task<IReadOnlyList<int[]>?> UnitsOfAsync(int[] rows, CancellationToken cancellationToken)
    {
        if (_key is null) return Task.FromResult<IReadOnlyList<int[]>?>(null);
        var keys = ProcessingStage.KeysOf(_rows, [_key], _model);
        return Task.FromResult(KeyedRows.UnitsOf(Array.ConvertAll(rows, row => keys[row])));
    }

    private static string[] ColumnsBut(string label, Dataset rows) =>
        [.. rows.Schema.Select(field => field.Name).Where(name => name != label).Order(StringComparer.Ordinal)];
}
