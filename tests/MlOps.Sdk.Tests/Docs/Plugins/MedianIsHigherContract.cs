using Acme;
using MlOps.Sdk.Exploration;
using MlOps.Sdk.Testing;

namespace MlOps.Sdk.Tests.Docs.Plugins;

public sealed class MedianIsHigherContract : HypothesisContract
{
    protected override IHypothesis Create() => new MedianIsHigher("Pro plans pay more", "amount", "plan", "pro");
}
