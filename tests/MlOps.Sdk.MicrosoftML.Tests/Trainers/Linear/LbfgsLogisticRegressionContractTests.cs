using MlOps.Sdk.Plugins;
using MlOps.Sdk.Testing;
using MlOps.Sdk.Training;

namespace MlOps.Sdk.MLNet.Tests;

public sealed class LbfgsLogisticRegressionContractTests : TrainerContract
{
    protected override IReadOnlyDictionary<string, HyperparameterValue> Parameters { get; } =
        new Dictionary<string, HyperparameterValue> { ["l1"] = 0.1 };

    protected override ITrainer Create() => MicrosoftML.LbfgsLogisticRegression();

    protected override void AddReaders(FormatReaders readers) => BuiltInModels.AddTo(readers);
}
