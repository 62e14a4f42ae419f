using System.Buffers;
using System.Globalization;
using System.Runtime.CompilerServices;
using MlOps.Sdk.Data;
using MlOps.Sdk.Diagnostics;
using MlOps.Sdk.Packaging;

namespace MlOps.Sdk.Deployment;

/// <summary>
/// Predicts rows of a class with a compiled binder. Thread-safe; allocates nothing after warm-up when
/// <typeparamref name="TOut"/> is a struct without arrays.
/// </summary>
/// <typeparam name="TIn">
/// A class or struct with a property for every column that the model reads; names match as in <see cref="ColumnAttribute"/>.
/// </typeparam>
/// <typeparam name="TOut">
/// The answer. A <see cref="double"/> or <see cref="float"/> receives the score, a <see cref="string"/> the class, a <see cref="bool"/>
/// whether a binary classifier decides positive. Any other type is filled by the names of its settable properties or constructor
/// parameters: <c>Score</c>, <c>Probability</c> or <c>Value</c> (a number), <c>Label</c> or <c>Class</c> (text), <c>Scores</c> or
/// <c>Probabilities</c> (<c>double[]</c> or a read-only list), and one boolean of any name (the decision). A member that
/// nothing fills is an error, unless it is marked with <c>[Column(Ignore = true)]</c>.
/// </typeparam>
public sealed class Endpoint<TIn, TOut> : IEndpoint<TIn, TOut>
{
    private readonly ModelSlot _slot;
    private volatile Binding? _binding;

    internal Endpoint(ModelSlot slot) => _slot = slot;

    /// <inheritdoc/>
    public string Name => _slot.Name;

    /// <summary>The version that is live.</summary>
    /// <exception cref="ModelNotLiveException">No version is live in this process.</exception>
    public int Version => _slot.RequireCurrent().Version;

    /// <inheritdoc/>
    public bool IsLive => _slot.Current is not null;

    /// <summary>Compiles what a call needs, so that no call has to wait for it.</summary>
    /// <exception cref="MlOpsException">Rows of the class cannot be given to the version, or its answers not be made; says why.</exception>
    internal static void Prepare(LiveModel live) => live.Binding(Compile);

    /// <inheritdoc/>
    public Prediction<TOut> Predict(TIn row) => Predict(row, PredictionId.New());

    /// <inheritdoc/>
    public Prediction<TOut> Predict(TIn row, PredictionId id)
    {
        ArgumentNullException.ThrowIfNull(row);
        ModelSlot.Require(id);
        while (true)
        {
            var live = _slot.RequireCurrent();
            var binding = BindingOf(live);
            if (live.Enter() is not { } scorer) continue;
            try
            {
                binding.Input(row, scorer.Inputs);
                var scores = scorer.Score();
                var decision = live.Package.Decision.Decide(scores);
                live.Recorder?.Record(id, scorer.Inputs, 0, scores, decision);
                return new Prediction<TOut>(binding.Output.Answer(scores, decision), live.Version, id);
            }
            finally
            {
                live.Exit(scorer);
            }
        }
    }

    /// <inheritdoc/>
    public void PredictAll(ReadOnlySpan<TIn> rows, Span<Prediction<TOut>> answers)
    {
        if (answers.Length < rows.Length)
        {
            throw new ArgumentException(
                string.Create(
                    CultureInfo.InvariantCulture, $"There is space for {answers.Length} answers, but there are {rows.Length} rows."),
                nameof(answers));
        }
        for (var i = 0; i < rows.Length; i++)
        {
            if (rows[i] is null)
            {
                throw new ArgumentException(
                    string.Create(CultureInfo.InvariantCulture, $"The row at index {i} is null."), nameof(rows));
            }
        }

        while (true)
        {
            var live = _slot.RequireCurrent();
            var binding = BindingOf(live);
            if (live.Enter() is not { } scorer) continue;
            try
            {
                binding.PredictAll(scorer, rows, answers);
                return;
            }
            finally
            {
                live.Exit(scorer);
            }
        }
    }

    private static Binding Compile(LiveModel live) => new(live);

    private Binding BindingOf(LiveModel live)
    {
        var binding = _binding;
        if (binding?.Live != live) _binding = binding = live.Binding(Compile);
        return binding;
    }

    private sealed class Binding(LiveModel live)
    {
        public LiveModel Live => live;

        public Action<TIn, ColumnBuilder[]> Input { get; } = new ObjectShape<TIn>().Bind(live.Package.Graph.Input, coded: false);

        public AnswerBinder<TOut> Output { get; } = new(live.Package.Decision.Labels);

        // All rows are answered before the first one is recorded, so that a call that fails leaves no records.
        public void PredictAll(ModelScorer scorer, ReadOnlySpan<TIn> rows, Span<Prediction<TOut>> answers)
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
                        var answer = Output.Answer(ofRow, live.Package.Decision.Decide(ofRow));
                        answers[start + i] = new Prediction<TOut>(answer, live.Version, PredictionId.New());
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

        private void Record(ModelScorer scorer, ReadOnlySpan<TIn> rows, ReadOnlySpan<Prediction<TOut>> answers, ReadOnlySpan<double> kept)
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

        private ReadOnlySpan<double> Score(ModelScorer scorer, ReadOnlySpan<TIn> block, int start)
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

        private void Fill(ModelScorer scorer, ReadOnlySpan<TIn> block)
        {
            scorer.Clear();
            foreach (ref readonly var row in block) Input(row, scorer.Inputs);
        }

        // What failed knows the block at most: a second pass, row by row, shows which one it was.
        [MethodImpl(MethodImplOptions.NoInlining)]
        private MlOpsException FailureOf(ModelScorer scorer, ReadOnlySpan<TIn> block, int start, Exception failure)
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
}
