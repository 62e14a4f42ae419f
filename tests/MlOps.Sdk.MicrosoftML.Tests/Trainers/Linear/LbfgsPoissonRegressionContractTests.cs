using MlOps.Sdk.Plugins;
using MlOps.Sdk.Testing;
using MlOps.Sdk.Training;

namespace MlOps.Sdk.MLNet.Tests;

public sealed class LbfgsPoissonRegressionContractTests : TrainerContract
{
    protected override double RegressionLabel(double number) => Math.Round(Math.Abs(number));

    protected override ITrainer Create() => MicrosoftML.LbfgsPoissonRegression();

    protected override void AddReaders(FormatReaders readers) => BuiltInModels.AddTo(readers);
}
