using System.Collections.Concurrent;
using MlOps.Sdk.Data;
using MlOps.Sdk.Deployment;
using MlOps.Sdk.Problem;

namespace MlOps.Sdk.AspNetCore;

/// <summary>A live version that predicts rows of a buffer. Thread-safe.</summary>
internal sealed class BufferedModel : BoundModel<BufferedRow, ModelAnswer>
{
    // A buffer that had more rows goes, or memory of the largest request would stay for ever.
    private const int KeptRows = 1_024;
    private const int KeptBuffers = 32;

    private readonly ConcurrentQueue<RowBuffer> _free = [];
    private readonly ColumnIndex _index;

    private BufferedModel(LiveModel live)
        : base(live)
    {
        _index = new ColumnIndex(Schema);
        var own = typeof(LiveModel).Assembly;
        var package = live.Package;
        HasForeignCode = (object?)package.Model is { } model && model.GetType().Assembly != own
            || package.RowModel is { } rows && rows.GetType().Assembly != own
            || package.Graph.Transforms.Any(transform => transform.GetType().Assembly != own);
    }

    public Schema Schema => Live.Package.Graph.Input;

    public LabelEncoding Labels => Live.Package.Decision.Labels;

    /// <summary>Whether a prediction calls code that is not the library's, and that may therefore take any time.</summary>
    public bool HasForeignCode { get; }

    public static BufferedModel Of(LiveModel live) => live.Binding(static live => new BufferedModel(live));

    /// <summary>Whether one of the versions that may answer calls code that is not the library's.</summary>
    public static bool HaveForeignCode(LiveRoute route)
    {
        if (Of(route.Main.Live).HasForeignCode) return true;
        foreach (var arm in route.Arms)
        {
            if (Of(arm.Live).HasForeignCode) return true;
        }

        return false;
    }

    public RowBuffer Rent() => _free.TryDequeue(out var buffer) ? buffer : new RowBuffer(Schema, _index);

    public void Return(RowBuffer buffer)
    {
        if (buffer.Count > KeptRows || _free.Count >= KeptBuffers || !ReferenceEquals(buffer.Index, _index)) return;
        buffer.Clear();
        _free.Enqueue(buffer);
    }

    protected override PredictionId IdOf(BufferedRow row) =>
        row.Buffer.Ids.Count > 0 ? row.Buffer.Ids[row.Row] : PredictionId.New();

    protected override void Append(BufferedRow row, ColumnBuilder[] columns)
    {
        var views = row.Buffer.Views;
        for (var i = 0; i < columns.Length; i++)
        {
            // A text that is read once needs no dictionary.
            if (views[i] is TextColumn texts) ((TextColumnBuilder)columns[i]).AppendUncoded(texts.GetText(row.Row));
            else columns[i].Append(views[i], row.Row);
        }
    }

    protected override ModelAnswer Answer(ReadOnlySpan<double> scores, int decision) => new(
        Labels.Task == TaskKind.MulticlassClassification ? scores[decision] : scores[0],
        Labels.Task == TaskKind.Regression ? null : Labels.Classes[decision],
        scores.ToArray());
}
