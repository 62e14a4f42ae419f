using MlOps.Sdk.Testing;
using MlOps.Sdk.Training;
using NUnit.Framework;

namespace MlOps.Sdk.MLNet.Tests;

[TestFixture]
public sealed class TrainerLifecycleTests
{
    [TestCase("fast-tree")]
    [TestCase("lbfgs-logistic-regression")]
    [TestCase("linear-svm")]
    public async Task RunAsync_TrainerOfTheLibrary_IsDeployedAndReadWithoutIt(string name)
    {
        await using var temporary = await TemporaryWorkspace.OpenAsync();
        var blessed = await BlessedModels.CreateAsync(temporary.Workspace, trainer: Catalog.Small(name));
        var workspace = await temporary.ReopenAsync();

        // The workspace knows no reader but those of the core.
        var champion = await workspace.Models.GetBlessedAsync("sample", blessed.Version.Version);

        Assert.That(champion.Version.Version, Is.EqualTo(blessed.Version.Version));
    }

    [Test]
    public async Task RunAsync_ModelThatOnlyTheLibraryComputes_NeedsItsReader()
    {
        await using var temporary = await TemporaryWorkspace.OpenAsync(options => options.UseMicrosoftML());

        var blessed = await BlessedModels.CreateAsync(temporary.Workspace, trainer: EstimatorTrainerTests.Machine());

        Assert.That(blessed.Version.Version, Is.GreaterThan(0));
    }
}
