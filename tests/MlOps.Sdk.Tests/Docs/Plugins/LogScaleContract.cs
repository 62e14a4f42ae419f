using Acme;
using MlOps.Sdk.Features;
using MlOps.Sdk.Plugins;
using MlOps.Sdk.Testing;

namespace MlOps.Sdk.Tests.Docs.Plugins;

public sealed class LogScaleContract : FeatureTransformContract
{
    protected override IFeatureTransform Create() => new LogScale("amount");

    protected override void AddReaders(FormatReaders readers) => readers.Add(new LogScaleReader());
}
