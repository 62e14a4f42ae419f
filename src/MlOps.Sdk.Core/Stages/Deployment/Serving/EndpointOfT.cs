using System.Globalization;
using MlOps.Sdk.Data;
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
    private readonly ModelCalls<TIn, TOut> _calls;

    internal Endpoint(ModelSlot slot) => (_slot, _calls) = (slot, new ModelCalls<TIn, TOut>(slot, static live => live.Binding(Compile)));

    /// <inheritdoc/>
    public string Name => _slot.Name;

    /// <summary>The version that is live.</summary>
    /// <exception cref="ModelNotLiveException">No version is live in this process.</exception>
    public int Version => _slot.RequireCurrent().Version;

    /// <inheritdoc/>
    public bool IsLive => _slot.CanAnswer;

    /// <summary>Compiles what a call needs, so that no call has to wait for it.</summary>
    /// <exception cref="MlOpsException">Rows of the class cannot be given to the version, or its answers not be made; says why.</exception>
    internal static void Prepare(LiveModel live) => live.Binding(Compile);

    /// <inheritdoc/>
    public Prediction<TOut> Predict(TIn row) => Predict(row, PredictionId.New());

    /// <inheritdoc/>
    public Prediction<TOut> Predict(TIn row, PredictionId id) => Choose(row, id, null);

    /// <inheritdoc/>
    public Prediction<TOut> Predict(TIn row, PredictionId id, string key)
    {
        ArgumentException.ThrowIfNullOrEmpty(key);
        return Choose(row, id, key);
    }

    private Prediction<TOut> Choose(TIn row, PredictionId id, string? key)
    {
        ArgumentNullException.ThrowIfNull(row);
        ModelSlot.Require(id);
        return _calls.Predict(row, id, key);
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
        BoundModel<TIn, TOut>.RequireRows(rows);
        _calls.PredictAll(rows, answers, PredictionId.New());
    }

    private static Binding Compile(LiveModel live) => new(live);

    private sealed class Binding(LiveModel live) : BoundModel<TIn, TOut>(live)
    {
        private readonly Action<TIn, ColumnBuilder[]> _input = new ObjectShape<TIn>().Bind(live.Package.Graph.Input, coded: false);
        private readonly AnswerBinder<TOut> _output = new(live.Package.Decision.Labels);

        protected override void Append(TIn row, ModelScorer scorer) => _input(row, scorer.Inputs);

        protected override TOut Answer(ReadOnlySpan<double> scores, int decision) => _output.Answer(scores, decision);
    }
}
