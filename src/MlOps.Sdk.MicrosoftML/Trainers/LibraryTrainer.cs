using Microsoft.ML;
using MlOps.Sdk.Features;
using MlOps.Sdk.Problem;
using MlOps.Sdk.Training;

namespace MlOps.Sdk.MLNet;

/// <summary>
/// A trainer of the library as one of ours: checked like the built-in ones, cancellable, seeded, with classes in the problem's order, and
/// with probabilities where the library has none.
/// </summary>
internal abstract class LibraryTrainer : ITrainer
{
    private const int CalibrationFolds = 3;

    // So many numbers of training rows are compared at most, unless that were too few rows.
    private const int NumbersToCompare = 2_000_000;

    public abstract string Name { get; }

    // Another version of the library may give another model from the same rows.
    public virtual string Version => LibraryVersion.With("1");

    public abstract TrainerCapabilities Capabilities { get; }

    public abstract IReadOnlyList<Hyperparameter> Hyperparameters { get; }

    public virtual IReadOnlyList<string> FormatIds => [];

    /// <summary>Where the trainer waits for its turn; <see langword="null"/> for one that others do not concern.</summary>
    protected virtual TrainingGate? Gate => null;

    public async ValueTask<IModel> TrainAsync(TrainingContext context, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(context);
        context.Check(this);
        context.CheckClasses(this);
        SinglePrecision.Check(context);
        Check(context);
        cancellationToken.ThrowIfCancellationRequested();
        context.Progress?.Report(double.NaN);
        if (Gate is not { } gate) return await TrainFreelyAsync(context, cancellationToken).ConfigureAwait(false);
        using var turn = await gate.EnterAsync(context, cancellationToken).ConfigureAwait(false);
        return await TrainFreelyAsync(context, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Checks what only this trainer cannot learn from.</summary>
    protected virtual void Check(TrainingContext context)
    {
    }

    /// <summary>Fits the trainer; on a worker thread.</summary>
    protected abstract ITransformer Fit(Fitting fitting);

    /// <summary>Whether what was fitted gives margins, which have to become probabilities; on a worker thread.</summary>
    protected virtual bool NeedsCalibration(ITransformer fitted, Fitting fitting) =>
        fitting.Task == TaskKind.BinaryClassification
        && fitted.GetOutputSchema(fitting.Rows.Schema).GetColumnOrNull(TrainingColumns.Probability) is null;

    /// <summary>
    /// The scores of rows that were not learned from, one for each class in the problem's order where there are several; on a worker
    /// thread.
    /// </summary>
    /// <param name="fitted">What was fitted without the rows.</param>
    /// <param name="fitting">What it was fitted on.</param>
    /// <param name="rows">The rows.</param>
    /// <param name="numbers">Which training rows they are, for messages.</param>
    protected virtual double[][] MarginsOf(ITransformer fitted, Fitting fitting, TrainingView rows, int[] numbers) =>
        Scores.Read(fitted, rows, numbers: numbers);

    /// <summary>Makes a model of what was fitted; on a worker thread.</summary>
    /// <param name="fitted">What was fitted on all rows; the model owns it, or it is disposed of.</param>
    /// <param name="fitting">What it was fitted on.</param>
    /// <param name="margins">
    /// What <see cref="MarginsOf"/> gives for each row, by what was fitted without it; <see langword="null"/> where no calibration is
    /// needed.
    /// </param>
    protected virtual IModel ToModel(ITransformer fitted, Fitting fitting, double[][]? margins)
    {
        var scaling = margins is null ? (PlattScaling?)null : MarginCalibration.Fit(margins, fitting.Context)[0];
        var translation = ModelTranslation.Translate(new TranslationRequest
        {
            Predictor = fitted,
            Signature = SignatureOf(fitting),
            Rows = RowsToCompare(fitting),
            Calibration = scaling is { } platt ? Calibration.Platt(platt.Slope, platt.Intercept) : null,
        });
        (fitted as IDisposable)?.Dispose();
        return translation.Model
            ?? throw new MlOpsException(
                $"What '{Name}' trained cannot be served without Microsoft.ML: {translation.WhyNot}",
                "Check the features that the message names, or try a built-in trainer such as Trainers.GradientBoosting().");
    }

    /// <summary>The training rows on which a translation is compared with the library, besides rows that provoke a difference.</summary>
    protected static IReadOnlyList<float[]> RowsToCompare(Fitting fitting) =>
        fitting.Rows.Sample(Math.Clamp(NumbersToCompare / fitting.Rows.Width, 20, 200));

    /// <summary>What a model reads and writes.</summary>
    protected static ModelSignature SignatureOf(Fitting fitting) => new(
        fitting.Task, fitting.Rows.Width, fitting.Task == TaskKind.MulticlassClassification ? fitting.Context.ClassCount : 1);

    private async Task<IModel> TrainFreelyAsync(TrainingContext context, CancellationToken cancellationToken)
    {
        var made = await FitAsync(
            context,
            context.Features,
            context.Labels,
            context.Weights,
            (fitted, fitting) => new Fitted(fitted, fitting, NeedsCalibration(fitted, fitting)),
            cancellationToken).ConfigureAwait(false);
        try
        {
            var margins = made.NeedsCalibration ? await MarginsAsync(context, cancellationToken).ConfigureAwait(false) : null;
            return await new MLSession(context.Seed, context.Logger)
                .RunAsync(_ => ToModel(made.Transformer, made.Fitting, margins), cancellationToken)
                .ConfigureAwait(false);
        }
        catch
        {
            made.Dispose();
            throw;
        }
    }

    // Of rows that were not learned from: the margins of others would be too sure.
    private async Task<double[][]> MarginsAsync(TrainingContext context, CancellationToken cancellationToken)
    {
        var rowCount = context.Labels.Length;
        var folds = CalibrationRows.Split(
            context.Labels.Span, context.Groups.Span, context.ClassCount, CalibrationFolds, context.Seed);
        var margins = new double[rowCount][];
        for (var fold = 0; fold < folds.Length; fold++)
        {
            context.Progress?.Report((fold + 1.0) / (folds.Length + 1));
            var held = folds[fold];
            var learned = CalibrationRows.Others(held, rowCount);
            var scores = await FitAsync(
                context,
                context.Features.Take(learned),
                Take(context.Labels, learned),
                Take(context.Weights, learned),
                (fitted, fitting) =>
                {
                    using var disposable = fitted as IDisposable;
                    var rows = ViewOf(context, context.Features.Take(held), Take(context.Labels, held), default, cancellationToken);
                    return MarginsOf(fitted, fitting, rows, held);
                },
                cancellationToken).ConfigureAwait(false);
            for (var i = 0; i < held.Length; i++) margins[held[i]] = scores[i];
        }

        return margins;
    }

    private Task<T> FitAsync<T>(
        TrainingContext context,
        FeatureMatrix features,
        ReadOnlyMemory<double> labels,
        ReadOnlyMemory<double> weights,
        Func<ITransformer, Fitting, T> make,
        CancellationToken cancellationToken)
    {
        var rows = ViewOf(context, features, labels, weights, cancellationToken);
        var validation = Capabilities.ValidationRows && context.Validation is { } held
            ? ViewOf(context, held.Features, held.Labels, held.Weights, cancellationToken)
            : null;
        return new MLSession(context.Seed, context.Logger).RunAsync(
            ml =>
            {
                var fitting = new Fitting(ml, rows, validation, context, cancellationToken);
                var fitted = Fit(fitting);
                try
                {
                    return make(fitted, fitting);
                }
                catch
                {
                    (fitted as IDisposable)?.Dispose();
                    throw;
                }
            },
            cancellationToken);
    }

    private static TrainingView ViewOf(
        TrainingContext context,
        FeatureMatrix features,
        ReadOnlyMemory<double> labels,
        ReadOnlyMemory<double> weights,
        CancellationToken cancellationToken) => new(features, labels, weights, context.Task, context.ClassCount, cancellationToken);

    // Whoever has it owns the transformer, also where it comes too late for a training that was cancelled.
    private sealed record Fitted(ITransformer Transformer, Fitting Fitting, bool NeedsCalibration) : IDisposable
    {
        public void Dispose() => (Transformer as IDisposable)?.Dispose();
    }

    private static ReadOnlyMemory<double> Take(ReadOnlyMemory<double> values, int[] rows) =>
        values.IsEmpty ? default : Array.ConvertAll(rows, row => values.Span[row]);
}
