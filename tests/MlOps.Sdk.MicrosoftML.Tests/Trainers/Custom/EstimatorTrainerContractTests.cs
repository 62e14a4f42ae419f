using Microsoft.ML;
using Microsoft.ML.Trainers;
using MlOps.Sdk.Plugins;
using MlOps.Sdk.Problem;
using MlOps.Sdk.Testing;
using MlOps.Sdk.Training;
using NUnit.Framework;

namespace MlOps.Sdk.MLNet.Tests;

/// <summary>The contract for estimators whose models only ML.NET can compute, and for one whose models the core can.</summary>
[TestFixtureSource(nameof(Names))]
public sealed class EstimatorTrainerContractTests(string name) : TrainerContract
{
    // Without a bound, this trainer goes on until it converges, which here tells nothing.
    private const int Iterations = 20;

    private static readonly Dictionary<string, Func<ITrainer>> s_trainers = new()
    {
        ["chain"] = Chain,
        ["machine"] = () => Of(TaskKind.BinaryClassification, (ml, settings) =>
            ml.BinaryClassification.Trainers.FieldAwareFactorizationMachine(
                settings.Options<FieldAwareFactorizationMachineTrainer.Options>(o => o.NumberOfIterations = 3))),
        ["margins"] = () => Of(TaskKind.BinaryClassification, (ml, settings) => ml.Transforms.NormalizeMinMax(settings.Features)
            .Append(ml.BinaryClassification.Trainers.LinearSvm(settings.Label, settings.Features, settings.Weight, 5))),
        ["one against all"] = () => Of(TaskKind.MulticlassClassification, (ml, settings) =>
            ml.Transforms.NormalizeMinMax(settings.Features).Append(ml.MulticlassClassification.Trainers.OneVersusAll(
                ml.BinaryClassification.Trainers.AveragedPerceptron(settings.Label, settings.Features), settings.Label))),
        ["sgd"] = () => Of(TaskKind.BinaryClassification, (ml, settings) => ml.BinaryClassification.Trainers.SgdCalibrated(
            settings.Options<SgdCalibratedTrainer.Options>(o => o.NumberOfThreads = settings.Threads))),
    };

    public static IEnumerable<string> Names => s_trainers.Keys;

    // Engines of ML.NET: one makes arrays for a row, the other asks its models in parallel.
    protected override bool MayAllocate => name is "machine" or "one against all";

    protected override ITrainer Create() => s_trainers[name]();

    protected override void AddReaders(FormatReaders readers)
    {
        BuiltInModels.AddTo(readers);
        readers.Add<IModel>(TransformerModel.Format, bytes => TransformerModel.Read(bytes, new LoaderAllowList()));
    }

    private static ITrainer Of(TaskKind task, Func<MLContext, TrainerSettings, IEstimator<ITransformer>> build) => MicrosoftML.Trainer(
        "estimator", "1", new TrainerCapabilities([task]) { Determinism = Determinism.OneThread }, build);

    private static ITrainer Chain() => MicrosoftML.Trainer("scaled", "1", (ml, settings) =>
    {
        var scaled = ml.Transforms.NormalizeMinMax(settings.Features);
        return settings.Task switch
        {
            TaskKind.BinaryClassification => scaled.Append(ml.BinaryClassification.Trainers.SdcaLogisticRegression(
                settings.Options<SdcaLogisticRegressionBinaryTrainer.Options>(o =>
                    (o.NumberOfThreads, o.MaximumNumberOfIterations) = (settings.Threads, Iterations)))),
            TaskKind.MulticlassClassification => scaled.Append(ml.MulticlassClassification.Trainers.SdcaMaximumEntropy(
                settings.Options<SdcaMaximumEntropyMulticlassTrainer.Options>(o =>
                    (o.NumberOfThreads, o.MaximumNumberOfIterations) = (settings.Threads, Iterations)))),
            _ => scaled.Append(ml.Regression.Trainers.Sdca(
                settings.Options<SdcaRegressionTrainer.Options>(o =>
                    (o.NumberOfThreads, o.MaximumNumberOfIterations) = (settings.Threads, Iterations)))),
        };
    });
}
