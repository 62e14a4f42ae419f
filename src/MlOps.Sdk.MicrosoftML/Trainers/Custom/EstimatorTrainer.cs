using Microsoft.ML;
using MlOps.Sdk.Problem;
using MlOps.Sdk.Training;

namespace MlOps.Sdk.MLNet;

/// <summary>Any estimator of ML.NET as a trainer: features in, a score or a probability out.</summary>
/// <param name="name">The name.</param>
/// <param name="version">The version of what <paramref name="create"/> does.</param>
/// <param name="capabilities">What the estimator can do.</param>
/// <param name="create">Makes the estimator; called on a worker thread, once for each fit.</param>
/// <param name="hyperparameters">What a search may vary.</param>
internal sealed class EstimatorTrainer(
    string name,
    string version,
    TrainerCapabilities capabilities,
    Func<MLContext, TrainerSettings, IEstimator<ITransformer>> create,
    IReadOnlyList<Hyperparameter> hyperparameters) : LibraryTrainer
{
    // Scores that are probabilities in so many rows are believed to be so in all.
    private const int RowsToJudge = 1000;

    public override string Name => name;

    public override string Version => LibraryVersion.With(version);

    public override TrainerCapabilities Capabilities => capabilities;

    public override IReadOnlyList<Hyperparameter> Hyperparameters => hyperparameters;

    public override IReadOnlyList<string> FormatIds => [TransformerModel.Format];

    protected override ITransformer Fit(Fitting fitting)
    {
        var parameters = hyperparameters.ToDictionary(parameter => parameter.Name, fitting.Context.Setting, StringComparer.Ordinal);
        var estimator = create(fitting.ML, new TrainerSettings(name, fitting, parameters))
            ?? throw new MlOpsException($"The function of the trainer '{name}' returned null.", "Return an estimator.");
        if (EstimatorShape.Mismatch(estimator, fitting.Rows.Schema) is { } mismatch)
        {
            throw new MlOpsException(
                $"The estimator of '{name}' does not fit the rows: {mismatch.TrimEnd('.')}.",
                $"Use a trainer for {fitting.Task} with settings.Label, settings.Features and settings.Weight.");
        }

        var fitted = ScoringPart.Of(EstimatorFit.Run(estimator, fitting.Rows, fitting.Context, fitting.CancellationToken));
        if (fitting.WeightColumn is { } weight && !fitting.Rows.IsRead(weight))
        {
            (fitted as IDisposable)?.Dispose();
            throw new MlOpsException(
                $"The rows have weights, but the estimator of '{name}' does not read them.",
                "Give it exampleWeightColumnName: settings.Weight, or remove Weight(…) or BalanceClasses().");
        }

        return fitted;
    }

    protected override bool NeedsCalibration(ITransformer fitted, Fitting fitting)
    {
        var output = OutputOf(fitted, fitting);
        return output.Kind switch
        {
            OutputKind.Probability => false,
            OutputKind.Score => fitting.Task == TaskKind.BinaryClassification,
            _ => !Scores.Read(fitted, fitting.Rows, RowsToJudge).All(PipelineOutput.AreProbabilities),
        };
    }

    // Where the estimator makes its own key, its classes are in the order of their first occurrence, in each fold another one.
    protected override double[][] MarginsOf(ITransformer fitted, Fitting fitting, TrainingView rows, int[] numbers) =>
        Ordered(base.MarginsOf(fitted, fitting, rows, numbers), OutputOf(fitted, fitting));

    protected override IModel ToModel(ITransformer fitted, Fitting fitting, double[][]? margins)
    {
        var output = OutputOf(fitted, fitting);
        if (margins is not null) output = output with { Scalings = MarginCalibration.Fit(margins, fitting.Context) };
        if (Translate(fitted, fitting, output) is { } translated)
        {
            (fitted as IDisposable)?.Dispose();
            return translated;
        }

        var schema = TrainingSchema.Create(fitting.Rows.Width);
        var zip = ModelFile.Save(fitting.ML, fitted, schema, $"What '{name}' trained").ToBytes();
        var signature = SignatureOf(fitting);
        return new TransformerModel(new TransformerHeader(signature.Task, signature.Features, signature.Outputs, output), zip, fitted);
    }

    // What the core can compute is served by it: faster, and without the library.
    private static IModel? Translate(ITransformer fitted, Fitting fitting, PipelineOutput output)
    {
        Calibration[] calibrations = [.. output.Scalings.Select(scaling => Calibration.Platt(scaling.Slope, scaling.Intercept))];
        var isMulticlass = fitting.Task == TaskKind.MulticlassClassification;
        return ModelTranslation.Translate(new TranslationRequest
        {
            Predictor = fitted,
            Signature = SignatureOf(fitting),
            Rows = RowsToCompare(fitting),
            Classes = isMulticlass ? Inverse(output.Classes) : [],
            Calibration = isMulticlass ? null : calibrations.FirstOrDefault(),
            Link = isMulticlass && calibrations.Length > 0 ? ScoreLink.Calibrated(calibrations) : null,
        }).Model;
    }

    private static PipelineOutput OutputOf(ITransformer fitted, Fitting fitting) =>
        ScoreColumns.Find(fitted.GetOutputSchema(fitting.Rows.Schema), fitting.Task, fitting.Context.ClassCount);

    private static double[][] Ordered(double[][] margins, PipelineOutput output) => output.Kind != OutputKind.ClassScores
        ? margins
        : Array.ConvertAll(margins, raw =>
        {
            var ordered = new double[raw.Length];
            for (var slot = 0; slot < raw.Length; slot++) ordered[output.Classes[slot]] = raw[slot];
            return ordered;
        });

    private static int[] Inverse(IReadOnlyList<int> classes)
    {
        var positions = new int[classes.Count];
        for (var slot = 0; slot < positions.Length; slot++) positions[classes[slot]] = slot;
        return positions;
    }
}
