using MlOps.Sdk.Features;
using MlOps.Sdk.Plugins;
using MlOps.Sdk.Testing;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Contracts;

/// <summary>Run as a fixture without a flaw, and with each flaw by <see cref="BrokenPluginTests"/>.</summary>
[TestFixtureSource(nameof(Sound))]
public sealed class FlawedTransformContract(string flaw) : FeatureTransformContract
{
    public static IEnumerable<string> Sound => [nameof(Flaw.None)];

    protected override IFeatureTransform Create() => new FlawedTransform(Enum.Parse<Flaw>(flaw));

    protected override void AddReaders(FormatReaders readers) => FlawedTransform.AddReaders(readers);
}
