using MlOps.Sdk.Plugins;
using MlOps.Sdk.Testing;
using MlOps.Sdk.Training;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Contracts;

/// <summary>Run as a fixture without a flaw, and with each flaw by <see cref="BrokenPluginTests"/>.</summary>
[TestFixtureSource(nameof(Sound))]
public sealed class FlawedTrainerContract(string flaw) : TrainerContract
{
    public static IEnumerable<string> Sound => [nameof(Flaw.None)];

    protected override ITrainer Create() => new FlawedTrainer(Enum.Parse<Flaw>(flaw));

    protected override void AddReaders(FormatReaders readers) => FlawedTrainer.AddReaders(readers);
}
