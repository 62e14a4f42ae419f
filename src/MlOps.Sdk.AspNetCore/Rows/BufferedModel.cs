using System.Collections.Concurrent;
using MlOps.Sdk.Data;
using MlOps.Sdk.Deployment;
using MlOps.Sdk.Packaging;
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

    /// <summary>Whether rows that were read for another version are as this one reads them.</summary>
    public bool Takes(RowBuffer buffer) => ReferenceEquals(buffer.Index, _index)
        || (buffer.Rules is null && Live.Package.InputRules is null && buffer.Schema.Equals(Schema));

    public RowBuffer Rent() => _free.TryDequeue(out var buffer) ? buffer : new RowBuffer(Schema, _index, Live.Package.InputRules);

    public void Return(RowBuffer buffer)
    {
        if (buffer.Count > KeptRows || _free.Count >= KeptBuffers || !ReferenceEquals(buffer.Index, _index)) return;
        buffer.Clear();
        _free.Enqueue(buffer);
    }

    protected override PredictionId IdOf(BufferedRow row) =>
        row.Buffer.Ids.Count > 0 ? row.Buffer.Ids[row.Row] : PredictionId.New();

    protected override void Append(BufferedRow row, ModelScorer scorer)
    {
        var (views, inputs) = (row.Buffer.Views, scorer.Inputs);
        if (scorer.Check is { } check && row.Buffer.HasNotes)
        {
            AppendNoted(row, scorer, check);
            return;
        }
        for (var i = 0; i < inputs.Length; i++) Append(views[i], row.Row, inputs[i]);
    }

    private static void AppendNoted(BufferedRow row, ModelScorer scorer, InputCheck check)
    {
        for (var i = 0; i < scorer.Inputs.Length; i++)
        {
            if (row.Buffer.IsMissing(row.Row, i) && check.TakesMissingColumn(i)) continue;
            if (row.Buffer.IsMisfit(row.Row, i, out var value) && scorer.Inputs[i].Misfits is { } misfits)
            {
                misfits.Add((scorer.Inputs[i].Count, value));
                scorer.Inputs[i].AppendNull();
                continue;
            }
            Append(row.Buffer.Views[i], row.Row, scorer.Inputs[i]);
        }

        if (check.LooksForExtra) check.NoteExtra(row.Buffer.ExtraOf(row.Row));
    }

    // A text that is read once needs no dictionary.
    private static void Append(Column from, int row, ColumnBuilder to)
    {
        if (from is TextColumn texts) ((TextColumnBuilder)to).AppendUncoded(texts.GetText(row));
        else to.Append(from, row);
    }

    protected override ModelAnswer Answer(ReadOnlySpan<double> scores, int decision) => new(
        Labels.Task == TaskKind.MulticlassClassification ? scores[decision] : scores[0],
        Labels.Task == TaskKind.Regression ? null : Labels.Classes[decision],
        scores.ToArray());
}
