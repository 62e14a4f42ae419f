using MlOps.Sdk.Plugins;
using MlOps.Sdk.Testing;
using MlOps.Sdk.Training;

namespace MlOps.Sdk.MLNet.Tests;

public sealed class SdcaContractTests : TrainerContract
{
    protected override IReadOnlyDictionary<string, HyperparameterValue> Parameters { get; } =
        new Dictionary<string, HyperparameterValue> { ["iterations"] = 10 };

    protected override ITrainer Create() => MicrosoftML.Sdca();

    protected override void AddReaders(FormatReaders readers) => BuiltInModels.AddTo(readers);
}
