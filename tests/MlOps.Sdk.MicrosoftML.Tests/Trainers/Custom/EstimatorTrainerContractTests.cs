using Microsoft.ML;
using Microsoft.ML.Trainers;
using MlOps.Sdk.Plugins;
using MlOps.Sdk.Problem;
using MlOps.Sdk.Testing;
using MlOps.Sdk.Training;

namespace MlOps.Sdk.MLNet.Tests;

/// <summary>A chain, which only ML.NET can compute.</summary>
public sealed class EstimatorTrainerContractTests : TrainerContract
{
    protected override ITrainer Create() => MicrosoftML.Trainer("scaled", "1", (ml, settings) =>
    {
        var scaled = ml.Transforms.NormalizeMinMax(settings.Features);
        return settings.Task switch
        {
            TaskKind.BinaryClassification => scaled.Append(ml.BinaryClassification.Trainers.SdcaLogisticRegression(
                settings.Options<SdcaLogisticRegressionBinaryTrainer.Options>(o => o.NumberOfThreads = settings.Threads))),
            TaskKind.MulticlassClassification => scaled.Append(ml.MulticlassClassification.Trainers.SdcaMaximumEntropy(
                settings.Options<SdcaMaximumEntropyMulticlassTrainer.Options>(o => o.NumberOfThreads = settings.Threads))),
            _ => scaled.Append(ml.Regression.Trainers.Sdca(
                settings.Options<SdcaRegressionTrainer.Options>(o => o.NumberOfThreads = settings.Threads))),
        };
    });

    protected override void AddReaders(FormatReaders readers) =>
        readers.Add<IModel>(TransformerModel.Format, bytes => TransformerModel.Read(bytes, new LoaderAllowList()));
}
