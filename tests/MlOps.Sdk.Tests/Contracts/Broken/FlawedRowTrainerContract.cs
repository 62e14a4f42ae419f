using MlOps.Sdk.Plugins;
using MlOps.Sdk.Testing;
using MlOps.Sdk.Training;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Contracts;

/// <summary>Run as a fixture without a flaw, and with each flaw by <see cref="BrokenPluginTests"/>.</summary>
[TestFixtureSource(nameof(Sound))]
public sealed class FlawedRowTrainerContract(string flaw) : RowTrainerContract
{
    public static IEnumerable<string> Sound => [nameof(Flaw.None)];

    protected override IRowTrainer Create() => new FlawedRowTrainer(Enum.Parse<Flaw>(flaw));

    protected override void AddReaders(FormatReaders readers) => FlawedRowTrainer.AddReaders(readers);
}
