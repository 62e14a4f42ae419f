using MlOps.Sdk.Plugins;
using MlOps.Sdk.Testing;
using MlOps.Sdk.Training;

namespace MlOps.Sdk.MLNet.Tests;

public sealed class AveragedPerceptronContractTests : TrainerContract
{
    protected override IReadOnlyDictionary<string, HyperparameterValue> Parameters { get; } =
        new Dictionary<string, HyperparameterValue> { ["iterations"] = 3 };

    protected override ITrainer Create() => MicrosoftML.AveragedPerceptron();

    protected override void AddReaders(FormatReaders readers) => BuiltInModels.AddTo(readers);
}
