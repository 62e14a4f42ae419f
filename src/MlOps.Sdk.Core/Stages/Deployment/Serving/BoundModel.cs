using System.Buffers;
using System.Globalization;
using System.Runtime.CompilerServices;
using MlOps.Sdk.Data;
using MlOps.Sdk.Diagnostics;
using MlOps.Sdk.Packaging;

namespace MlOps.Sdk.Deployment;

/// <summary>A live version with what turns rows of a type into its columns, and its scores into answers. Thread-safe.</summary>
/// <typeparam name="TRow">The row.</typeparam>
/// <typeparam name="TAnswer">The answer.</typeparam>
internal abstract class BoundModel<TRow, TAnswer>(LiveModel live)
{
    public LiveModel Live => live;

    /// <summary>Adds a row to the columns.</summary>
    protected abstract void Append(TRow row, ColumnBuilder[] columns);

    /// <summary>The id under which a row of many is recorded.</summary>
    protected virtual PredictionId IdOf(TRow row) => PredictionId.New();

    protected abstract TAnswer Answer(ReadOnlySpan<double> scores, int decision);

    public Prediction<TAnswer> Predict(ModelScorer scorer, TRow row, PredictionId id, string arm)
    {
        Append(row, scorer.Inputs);
        var scores = scorer.Score();
        var decision = live.Package.Decision.Decide(scores);
        live.Recorder?.Record(id, scorer.Inputs, 0, scores, decision);
        return new Prediction<TAnswer>(Answer(scores, decision), live.Version, id) { Arm = arm };
    }

    /// <exception cref="ArgumentException">A row is null.</exception>
    public static void RequireRows(ReadOnlySpan<TRow> rows)
    {
        for (var i = 0; i < rows.Length; i++)
        {
            if (rows[i] is null)
            {
                throw new ArgumentException(
                    string.Create(CultureInfo.InvariantCulture, $"The row at index {i} is null."), nameof(rows));
            }
        }
    }

    // All rows are answered before the first one is recorded, so that a call that fails leaves no records.
    public void PredictAll(ModelScorer scorer, ReadOnlySpan<TRow> rows, Span<Prediction<TAnswer>> answers, string arm)
    {
        var outputs = live.Package.Signature.Outputs;
        var kept = live.Recorder is null ? null : ArrayPool<double>.Shared.Rent(checked(rows.Length * outputs));
        try
        {
            for (var start = 0; start < rows.Length; start += ModelScorer.BlockRows)
            {
                var block = rows[start..Math.Min(start + ModelScorer.BlockRows, rows.Length)];
                var scores = Score(scorer, block, start);
                for (var i = 0; i < block.Length; i++)
                {
                    var ofRow = scores.Slice(i * outputs, outputs);
                    var answer = Answer(ofRow, live.Package.Decision.Decide(ofRow));
                    answers[start + i] = new Prediction<TAnswer>(answer, live.Version, IdOf(block[i])) { Arm = arm };
                }

                if (kept is not null) scores.CopyTo(kept.AsSpan(start * outputs));
            }

            if (kept is not null) Record(scorer, rows, answers, kept);
        }
        finally
        {
            if (kept is not null) ArrayPool<double>.Shared.Return(kept);
        }
    }

    private void Record(ModelScorer scorer, ReadOnlySpan<TRow> rows, ReadOnlySpan<Prediction<TAnswer>> answers, ReadOnlySpan<double> kept)
    {
        var outputs = live.Package.Signature.Outputs;
        for (var start = 0; start < rows.Length; start += ModelScorer.BlockRows)
        {
            var block = rows[start..Math.Min(start + ModelScorer.BlockRows, rows.Length)];

            // A single block is still there from scoring.
            if (rows.Length > ModelScorer.BlockRows) Fill(scorer, block);
            for (var i = 0; i < block.Length; i++)
            {
                var ofRow = kept.Slice((start + i) * outputs, outputs);
                live.Recorder!.Record(answers[start + i].Id, scorer.Inputs, i, ofRow, live.Package.Decision.Decide(ofRow));
            }
        }
    }

    private ReadOnlySpan<double> Score(ModelScorer scorer, ReadOnlySpan<TRow> block, int start)
    {
        try
        {
            Fill(scorer, block);
            return scorer.Score(start);
        }
        catch (Exception e)
        {
            throw FailureOf(scorer, block, start, e);
        }
    }

    private void Fill(ModelScorer scorer, ReadOnlySpan<TRow> block)
    {
        scorer.Clear();
        foreach (ref readonly var row in block) Append(row, scorer.Inputs);
    }

    // What failed knows the block at most: a second pass, row by row, shows which one it was.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private MlOpsException FailureOf(ModelScorer scorer, ReadOnlySpan<TRow> block, int start, Exception failure)
    {
        for (var i = 0; i < block.Length; i++)
        {
            try
            {
                Fill(scorer, block.Slice(i, 1));
                scorer.Score(start + i);
            }
            catch (Exception e)
            {
                return Failure(string.Create(CultureInfo.InvariantCulture, $"The row at index {start + i}"), e);
            }
        }

        return Failure(
            string.Create(CultureInfo.InvariantCulture, $"One of the rows from index {start} to {start + block.Length - 1}"), failure);
    }

    private static MlOpsException Failure(string rows, Exception cause)
    {
        var known = cause as MlOpsException;
        return new MlOpsException(
            $"{rows} cannot be predicted, and no row of the call is recorded: {known?.Problem ?? Secrets.Blank(cause.Message)}",
            known?.Remedy ?? "Correct the row, or the code that reads it, and predict the rows again.",
            cause) { Column = known?.Column };
    }
}
