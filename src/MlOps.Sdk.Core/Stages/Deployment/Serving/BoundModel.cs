using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;
using MlOps.Sdk.Diagnostics;
using MlOps.Sdk.Packaging;

namespace MlOps.Sdk.Deployment;

/// <summary>A live version with what turns rows of a type into its columns, and its scores into answers. Thread-safe.</summary>
/// <typeparam name="TRow">The row.</typeparam>
/// <typeparam name="TAnswer">The answer.</typeparam>
internal abstract class BoundModel<TRow, TAnswer>(LiveModel live)
{
    public LiveModel Live => live;

    /// <summary>Adds a row to the columns of a scorer.</summary>
    protected abstract void Append(TRow row, ModelScorer scorer);

    /// <summary>The id under which a row of many is recorded.</summary>
    protected virtual PredictionId IdOf(TRow row) => PredictionId.New();

    protected abstract TAnswer Answer(ReadOnlySpan<double> scores, int decision);

    public Prediction<TAnswer> Predict(
        ModelScorer scorer, TRow row, PredictionId id, string arm, long generation, bool isRepeated = false)
    {
        var started = Stopwatch.GetTimestamp();
        Take(scorer, row, generation, isRepeated);
        Score(scorer, generation);
        return Finish(scorer, id, arm, generation, started);
    }

    /// <summary>Predicts behind a circuit.</summary>
    /// <returns>Whether the version answers; else why it does not, or nothing when the circuit is open.</returns>
    public bool TryPredict(
        ModelScorer scorer,
        TRow row,
        PredictionId id,
        string arm,
        long generation,
        Circuit circuit,
        bool isRepeated,
        out Prediction<TAnswer> answer,
        out Exception? failure)
    {
        var started = Stopwatch.GetTimestamp();
        Take(scorer, row, generation, isRepeated);
        var hasScores = TryScore(circuit, scorer, 0, rows: 1, generation, out failure);
        if (!hasScores) CountFailure(failure, rows: 1, generation);
        answer = hasScores ? Finish(scorer, id, arm, generation, started) : default;
        return hasScores;
    }

    /// <summary>Fills a scorer with a row, as far as the input contract takes it.</summary>
    /// <param name="scorer">The scorer.</param>
    /// <param name="row">The row.</param>
    /// <param name="generation">The generation of the route that chose the version.</param>
    /// <param name="isRepeated">Whether the values of the row were counted already, in a call of many rows.</param>
    /// <exception cref="InputRejectedException">It does not.</exception>
    public void Take(ModelScorer scorer, TRow row, long generation, bool isRepeated = false)
    {
        Append(row, scorer);
        if (scorer.Check is not { } check) return;
        check.Run(0, isRepeated: isRepeated);
        if (!check.HasRejected) return;
        live.CallsOf(generation).Refuse(rows: 1);
        throw check.ToException(isSingle: true);
    }

    /// <summary>Lets a constant or a rule answer a row that the scorer holds.</summary>
    public Prediction<TAnswer> Instead(ModelScorer scorer, int row, PredictionId id, StandIn standIn)
    {
        const int few = 64;
        var (outputs, package) = (live.Package.Signature.Outputs, live.Package);
        Span<double> scores = outputs <= few ? stackalloc double[few] : new double[outputs];
        scores = scores[..outputs];
        var answer = standIn.Answer ?? standIn.Rule!(new FallbackRow(package.Graph.Input, scorer.Inputs, row));
        var decision = AnswerScores.Write(answer, package.Decision, scores);
        return new Prediction<TAnswer>(Answer(scores, decision), 0, id) { Arm = StandIn.Arm, Flags = scorer.FlagsOf(row) };
    }

    /// <summary>Lets a constant or a rule answer rows.</summary>
    public void InsteadAll(ModelScorer scorer, ReadOnlySpan<TRow> rows, Span<Prediction<TAnswer>> answers, StandIn standIn)
    {
        for (var start = 0; start < rows.Length; start += ModelScorer.BlockRows)
        {
            var block = rows[start..Math.Min(start + ModelScorer.BlockRows, rows.Length)];
            if (!Take(scorer, block, start)) continue;
            for (var i = 0; i < block.Length; i++) answers[start + i] = Instead(scorer, i, IdOf(block[i]), standIn);
        }

        if (scorer.Check is { HasRejected: true } check) throw check.ToException(isSingle: false);
    }

    private Prediction<TAnswer> Finish(ModelScorer scorer, PredictionId id, string arm, long generation, long started)
    {
        var scores = scorer.Scores;
        var decision = live.Package.Decision.Decide(scores);
        live.CallsOf(generation).Answer(Stopwatch.GetTimestamp() - started);
        live.Recorder?.Record(id, scorer.Inputs, 0, scores, decision, generation);
        return new Prediction<TAnswer>(Answer(scores, decision), live.Version, id) { Arm = arm, Flags = scorer.FlagsOf(0) };
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

    // All rows are answered before the first one is recorded or copied, so that a call that fails leaves no trace.
    // Behind a circuit, a version that fails is not asked again which row it was: something else answers them all.
    // What is only tried is counted when it succeeds, and else by whoever tries otherwise.
    public bool TryPredictAll(
        ModelScorer scorer,
        ReadOnlySpan<TRow> rows,
        Span<Prediction<TAnswer>> answers,
        LiveRoute? route,
        LiveArm arm,
        long generation,
        ShadowCopies<TRow, TAnswer>? copies,
        Circuit? circuit,
        bool isTried,
        out Exception? failure)
    {
        failure = null;
        var outputs = live.Package.Signature.Outputs;
        var kept = live.Recorder is null && copies is null ? null : ArrayPool<double>.Shared.Rent(checked(rows.Length * outputs));
        try
        {
            for (var start = 0; start < rows.Length; start += ModelScorer.BlockRows)
            {
                var block = rows[start..Math.Min(start + ModelScorer.BlockRows, rows.Length)];
                if (!Take(scorer, block, start)) continue;
                if (circuit is not null && !TryScore(circuit, scorer, start, isTried ? 0 : rows.Length, generation, out failure))
                {
                    if (!isTried) CountFailure(failure, rows: rows.Length, generation);
                    return false;
                }
                var scores = circuit is null ? Score(scorer, block, start, rows.Length, generation, isTried) : scorer.Scores;
                for (var i = 0; i < block.Length; i++)
                {
                    var ofRow = scores.Slice(i * outputs, outputs);
                    var answer = Answer(ofRow, live.Package.Decision.Decide(ofRow));
                    answers[start + i] = new Prediction<TAnswer>(answer, live.Version, IdOf(block[i]))
                    {
                        Arm = arm.Name,
                        Flags = scorer.FlagsOf(i),
                    };
                }

                if (kept is not null) scores.CopyTo(kept.AsSpan(start * outputs));
            }

            if (scorer.Check is { HasRejected: true } check)
            {
                if (!isTried) live.CallsOf(generation).Refuse(rows.Length);
                throw check.ToException(isSingle: false);
            }
            live.CallsOf(generation).AnswerBatch(rows.Length);
            if (live.Recorder is not null) Record(scorer, rows, answers, kept, generation);
            for (var i = 0; copies is not null && i < rows.Length; i++)
            {
                copies.Copy(route!, arm, kept.AsSpan(i * outputs, outputs), rows[i], answers[i].Id);
            }
            return true;
        }
        finally
        {
            if (kept is not null) ArrayPool<double>.Shared.Return(kept);
        }
    }

    private void Record(
        ModelScorer scorer, ReadOnlySpan<TRow> rows, ReadOnlySpan<Prediction<TAnswer>> answers, ReadOnlySpan<double> kept, long generation)
    {
        var outputs = live.Package.Signature.Outputs;
        for (var start = 0; start < rows.Length; start += ModelScorer.BlockRows)
        {
            var block = rows[start..Math.Min(start + ModelScorer.BlockRows, rows.Length)];

            // A single block is still there from scoring.
            if (rows.Length > ModelScorer.BlockRows)
            {
                Fill(scorer, block);
                scorer.Check?.Run(start, defaultsOnly: true);
            }
            for (var i = 0; i < block.Length; i++)
            {
                var ofRow = kept.Slice((start + i) * outputs, outputs);
                var decision = live.Package.Decision.Decide(ofRow);
                live.Recorder!.Record(answers[start + i].Id, scorer.Inputs, i, ofRow, decision, generation);
            }
        }
    }

    // Once a row is rejected, the others are only looked at: whoever corrects the rows wants to know of all.
    private bool Take(ModelScorer scorer, ReadOnlySpan<TRow> block, int start)
    {
        try
        {
            Fill(scorer, block);
        }
        catch (Exception e)
        {
            throw FailureOf(scorer, block, start, e);
        }

        scorer.Check?.Run(start);
        return scorer.Check is not { HasRejected: true };
    }

    private ReadOnlySpan<double> Score(
        ModelScorer scorer, ReadOnlySpan<TRow> block, int start, int rows, long generation, bool isTried)
    {
        try
        {
            return scorer.Score(start);
        }
        catch (Exception e)
        {
            if (isTried) throw Failure(RowsOf(block, start), e);
            CountFailure(e, rows, generation);
            throw FailureOf(scorer, block, start, e);
        }
    }

    private bool TryScore(Circuit circuit, ModelScorer scorer, long first, int rows, long generation, out Exception? failure)
    {
        try
        {
            return circuit.TryScore(scorer, first, out failure);
        }
        catch (MlOpsException e)
        {
            CountFailure(e, rows, generation);
            throw;
        }
    }

    private void Score(ModelScorer scorer, long generation)
    {
        try
        {
            scorer.Score();
        }
        catch (Exception e)
        {
            CountFailure(e, rows: 1, generation);
            throw;
        }
    }

    // What a caller gave wrong is no failure of the version, but one version may refuse what another one takes. What its open circuit turns
    // away has no failure of its own, and the version does not answer it.
    public void CountFailure(Exception? failure, int rows, long generation)
    {
        if (failure is not null && ICallerMistake.Is(failure)) live.CallsOf(generation).Refuse(rows);
        else live.CallsOf(generation).Fail(rows);
    }

    private void Fill(ModelScorer scorer, ReadOnlySpan<TRow> block)
    {
        scorer.ClearBlock();
        foreach (ref readonly var row in block) Append(row, scorer);
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
                scorer.Check?.Run(start + i, defaultsOnly: true);
                scorer.Score(start + i);
            }
            catch (Exception e)
            {
                return Failure(string.Create(CultureInfo.InvariantCulture, $"The row at index {start + i}"), e);
            }
        }

        return Failure(RowsOf(block, start), failure);
    }

    private static string RowsOf(ReadOnlySpan<TRow> block, int start) => string.Create(
        CultureInfo.InvariantCulture, $"One of the rows from index {start} to {start + block.Length - 1}");

    private static MlOpsException Failure(string rows, Exception cause)
    {
        var known = cause as MlOpsException;
        return new MlOpsException(
            $"{rows} cannot be predicted, and no row of the call is recorded: {known?.Problem ?? Secrets.Blank(cause.Message)}",
            known?.Remedy ?? "Correct the row, or the code that reads it, and predict the rows again.",
            cause) { Column = known?.Column, IsOfCaller = ICallerMistake.Is(cause) };
    }
}
