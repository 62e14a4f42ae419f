using MlOps.Sdk.Data;
using MlOps.Sdk.Features;
using MlOps.Sdk.Plugins;
using MlOps.Sdk.Testing;

namespace MlOps.Sdk.Tests.Plugins;

public sealed class LogScaleContract : FeatureTransformContract
{
    protected override IFeatureTransform Create() => new LogScale("amount", "visits");

    protected override void AddReaders(FormatReaders readers) => PluginLifecycle.AddReaders(readers);
}
