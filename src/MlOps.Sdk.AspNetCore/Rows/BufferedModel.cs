using System.Collections.Concurrent;
using MlOps.Sdk.Data;
using MlOps.Sdk.Deployment;
using MlOps.Sdk.Packaging;
using MlOps.Sdk.Problem;

namespace MlOps.Sdk.AspNetCore;

/// <summary>A live version that predicts rows of calls. Thread-safe.</summary>
internal sealed class BufferedModel : BoundModel<BufferedRow, RowAnswer>
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
            || package.Graph.Transforms.Any(transform => transform.GetType().Assembly != own)
            || package.Graph.Steps.Any(step => step.GetType().Assembly != own);
    }

    public Schema Schema => Live.Package.Graph.Input;

    public LabelEncoding Labels => Live.Package.Decision.Labels;

    /// <summary>Whether a prediction calls code that is not the library's, and that may therefore take any time.</summary>
    public bool HasForeignCode { get; }

    public static BufferedModel Of(LiveModel live) => live.Binding(static live => new BufferedModel(live));

    /// <summary>Whether one of those that may answer calls code that is not the library's.</summary>
    public static bool MayCallForeignCode(ModelSlot slot)
    {
        if (slot.StandIn is { Rule: not null } || (slot.StandIn?.Live is { } spare && Of(spare).HasForeignCode)) return true;
        if (slot.Route is not { } route) return false;
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

    protected override PredictionId IdOf(BufferedRow row) => row.Rows.Ids is { Count: > 0 } ids ? ids[row.Row] : PredictionId.New();

    protected override void Append(BufferedRow row, ModelScorer scorer)
    {
        var (buffer, inputs) = (row.Rows.Of(this), scorer.Inputs);
        if (buffer.Mistakes.TryGetValue(row.Row, out var mistakes)) mistakes.ThrowIfAny();
        if (scorer.Check is { } check && buffer.HasNotes)
        {
            AppendNoted(buffer, row.Row, scorer, check);
            return;
        }
        for (var i = 0; i < inputs.Length; i++) Append(buffer.Views[i], row.Row, inputs[i]);
    }

    private static void AppendNoted(RowBuffer buffer, int row, ModelScorer scorer, InputCheck check)
    {
        for (var i = 0; i < scorer.Inputs.Length; i++)
        {
            if (buffer.IsMissing(row, i) && check.TakesMissingColumn(i, buffer.UnknownOf(row))) continue;
            if (buffer.IsMisfit(row, i, out var value) && scorer.Inputs[i].Misfits is { } misfits)
            {
                misfits.Add((scorer.Inputs[i].Count, value));
                scorer.Inputs[i].AppendNull();
                continue;
            }
            Append(buffer.Views[i], row, scorer.Inputs[i]);
        }

        if (!check.LooksForExtra) return;
        check.NoteExtra(buffer.ExtraOfAll);
        check.NoteExtra(buffer.ExtraOf(row));
    }

    // A text that is read once needs no dictionary.
    private static void Append(Column from, int row, ColumnBuilder to)
    {
        if (from is TextColumn texts) ((TextColumnBuilder)to).AppendUncoded(texts.GetText(row));
        else to.Append(from, row);
    }

    protected override RowAnswer Answer(ReadOnlySpan<double> scores, int decision) => new(
        Labels.Task == TaskKind.MulticlassClassification ? scores[decision] : scores[0],
        Labels.Task == TaskKind.Regression ? null : Labels.Classes[decision],
        scores.ToArray(),
        Labels);
}
