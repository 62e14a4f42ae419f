using MlOps.Sdk.Plugins;
using MlOps.Sdk.Testing;
using MlOps.Sdk.Training;

namespace MlOps.Sdk.MLNet.Tests;

public sealed class LightGbmContractTests : TrainerContract
{
    protected override IReadOnlyDictionary<string, HyperparameterValue> Parameters { get; } =
        new Dictionary<string, HyperparameterValue> { ["trees"] = 12 };

    protected override ITrainer Create() => MicrosoftML.LightGbm();

    protected override void AddReaders(FormatReaders readers) => BuiltInModels.AddTo(readers);
}
