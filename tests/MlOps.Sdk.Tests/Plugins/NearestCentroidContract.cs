using MlOps.Sdk.Data;
using MlOps.Sdk.Plugins;
using MlOps.Sdk.Testing;
using MlOps.Sdk.Training;

namespace MlOps.Sdk.Tests.Plugins;

public sealed class NearestCentroidContract : TrainerContract
{
    protected override ITrainer Create() => new NearestCentroidTrainer();

    protected override void AddReaders(FormatReaders readers) => PluginLifecycle.AddReaders(readers);
}
