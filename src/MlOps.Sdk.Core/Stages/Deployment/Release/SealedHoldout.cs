using MlOps.Sdk.Execution;
using MlOps.Sdk.Metrics;
using MlOps.Sdk.Packaging;
using MlOps.Sdk.Processing;
using MlOps.Sdk.Tracking;
using MlOps.Sdk.Training;

namespace MlOps.Sdk.Deployment;

/// <summary>The rows that no model of the run was trained on. Every look at them goes into the ledger before they are shown.</summary>
internal sealed class SealedHoldout : IUnseenRows
{
    private readonly StageContext _context;
    private readonly HoldoutLedger _ledger;
    private readonly SplitRows _rows;
    private readonly double[] _weights;

    private SealedHoldout(StageContext context, HoldoutLedger ledger, SplitRows rows, string? weight)
    {
        _weights = weight is null ? [] : RowWeights.Of(rows.Prepared, weight);
        _context = context;
        _ledger = ledger;
        _rows = rows;
    }

    public int RowCount => _rows.Prepared.RowCount;

    // The keys by which the rows are recognized forever.
    private string Keys => _context.Input(LifecycleStage.Processing, ProcessingStage.HoldoutKeys).ToString();

    public static async Task<SealedHoldout> ReadAsync(
        StageContext context, HoldoutLedger ledger, string? weight, CancellationToken cancellationToken) => new(
        context, ledger, await SplitRows.ReadAsync(context, ProcessingStage.Holdout, cancellationToken).ConfigureAwait(false), weight);

    public Task RecordLookAsync(string purpose, CancellationToken cancellationToken) => _ledger.RecordAsync(
        _context.Run.Lifecycle, _context.Run.RunId, purpose, Keys, RowCount, _context.Run.Time.GetUtcNow(), cancellationToken);

    public Task<int> OrdinalOfAsync(string kind, string purpose, CancellationToken cancellationToken) =>
        _ledger.OrdinalOfAsync(_context.Run.Lifecycle, kind, purpose, Keys, cancellationToken);

    public Evaluation Evaluate(ModelPackage package, CancellationToken cancellationToken) => new()
    {
        Task = package.Problem.Task,
        Labels = package.Decision.Labels.Encode(_rows.Prepared),
        Scores = package.Score(_rows.Raw, cancellationToken),
        Weights = _weights,
        ClassCount = package.Decision.Labels.ClassCount,
        Classes = package.Decision.Labels.Classes,
        Threshold = package.Decision.Threshold,
        Groups = Groups.Of(_rows.Prepared, package.Problem.Label),
    };

    // A model of other settings may have been split otherwise.
    public int[] UnseenBy(RowKeySet? trained)
    {
        int[] all = [.. Enumerable.Range(0, RowCount)];
        if (trained is null) return all;
        var keys = ProcessingStage.KeysOf(_rows.Raw, trained.Columns, _context.Run.Lifecycle);
        var seen = trained.Keys.ToHashSet();
        return [.. all.Where(row => !seen.Contains(keys[row]))];
    }

    public async Task<IReadOnlyList<int[]>?> UnitsOfAsync(int[] rows, CancellationToken cancellationToken)
    {
        var keys = RowKeySet.Read(await _context.ReadAsync(
            LifecycleStage.Processing, ProcessingStage.HoldoutKeys, cancellationToken).ConfigureAwait(false));
        return KeyedRows.AreDeclared(keys.Columns, _rows.Raw.Schema.Count)
            ? KeyedRows.UnitsOf(Array.ConvertAll(rows, row => keys.Keys[row]))
            : null;
    }
}
