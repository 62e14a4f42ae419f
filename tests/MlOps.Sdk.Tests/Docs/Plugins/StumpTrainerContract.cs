using Acme;
using MlOps.Sdk.Plugins;
using MlOps.Sdk.Testing;
using MlOps.Sdk.Training;

namespace MlOps.Sdk.Tests.Docs.Plugins;

public sealed class StumpTrainerContract : TrainerContract
{
    protected override ITrainer Create() => new StumpTrainer();

    protected override void AddReaders(FormatReaders readers) => readers.Add(new StumpReader());
}
