using MlOps.Sdk.Plugins;
using MlOps.Sdk.Testing;
using MlOps.Sdk.Training;

namespace MlOps.Sdk.MLNet.Tests;

public sealed class GamContractTests : TrainerContract
{
    protected override IReadOnlyDictionary<string, HyperparameterValue> Parameters { get; } =
        new Dictionary<string, HyperparameterValue> { ["iterations"] = 60, ["learningRate"] = 0.1 };

    protected override ITrainer Create() => MicrosoftML.Gam();

    protected override void AddReaders(FormatReaders readers) => BuiltInModels.AddTo(readers);
}
