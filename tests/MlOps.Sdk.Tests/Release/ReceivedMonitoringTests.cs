using MlOps.Sdk.Deployment;
using MlOps.Sdk.Monitoring;
using MlOps.Sdk.Packaging;
using MlOps.Sdk.Testing;
using MlOps.Sdk.Tests.Training;
using NUnit.Framework;

namespace MlOps.Sdk.Tests;

/// <summary>A model that another workspace trained is watched where it answers.</summary>
[TestFixture]
public sealed class ReceivedMonitoringTests
{
    private const string Name = "sample";

    private static readonly PackageSigner _signer = PackageSigner.Create();
    private static TemporaryWorkspace _origin = null!;
    private static byte[] _first = null!;
    private static byte[] _second = null!;

    private TemporaryWorkspace _temporary = null!;

    private Workspace Workspace => _temporary.Workspace;

    [OneTimeSetUp]
    public static async Task TrainAsync()
    {
        _origin = await TemporaryWorkspace.OpenAsync();
        var (first, second) = await BlessedModels.CreateTwoAsync(_origin.Workspace);
        _first = ReleaseFile.Write(await BlessedModels.DesiredAsync(_origin.Workspace, first), _signer);
        _second = ReleaseFile.Write(await BlessedModels.DesiredAsync(_origin.Workspace, second), _signer);
    }

    [OneTimeTearDown]
    public static async Task DeleteAsync()
    {
        await _origin.DisposeAsync();
        _signer.Dispose();
    }

    [SetUp]
    public async Task OpenAsync() => _temporary = await TemporaryWorkspace.OpenAsync(
        options => options.Trust = new PackageTrust(_signer.PublicKey));

    [TearDown]
    public async Task CloseAsync() => await _temporary.DisposeAsync();

    [TestCase(true)]
    [TestCase(false)]
    public async Task CheckAsync_ReceivedModel_IsComparedWithItsTraining(bool isReceivedFirst)
    {
        var lifecycle = LifecycleBuilder.Create(Name)
            .MonitorModel(monitoring => monitoring.DataDrift().PredictionDrift().MinimumRows(100))
            .Build();
        if (isReceivedFirst) await Workspace.ReceiveAsync(_first);
        var run = await lifecycle.RunAsync(Workspace);
        if (!isReceivedFirst) await Workspace.ReceiveAsync(_first);

        var endpoint = Workspace.Endpoint(Name);
        for (var i = 0; i < 200; i++) endpoint.Predict(Row);
        var report = await Workspace.Monitor(Name).CheckAsync();

        Assert.That(run.Record.Stages.Select(stage => stage.Stage), Is.EqualTo(new[] { LifecycleStage.Monitoring }));
        Assert.That((report!.Version, report.Rows, report.HasChanged), Is.EqualTo((1, 200L, true)));
    }

    [Test]
    public async Task RunAsync_NextVersionArrived_LooksAgain()
    {
        var lifecycle = LifecycleBuilder.Create(Name).MonitorModel(monitoring => monitoring.DataDrift().MinimumRows(100)).Build();
        await Workspace.ReceiveAsync(_first);
        await lifecycle.RunAsync(Workspace);
        Assert.That((await lifecycle.RunAsync(Workspace)).Record.Stages[0].State, Is.EqualTo(MlOps.Sdk.Tracking.StageState.Reused));
        await Workspace.ReceiveAsync(_second);

        var run = await lifecycle.RunAsync(Workspace);

        Assert.That(run.Record.Stages[0].State, Is.EqualTo(MlOps.Sdk.Tracking.StageState.Succeeded));
        for (var i = 0; i < 200; i++) Workspace.Endpoint(Name).Predict(Row);
        Assert.That((await Workspace.Monitor(Name).CheckAsync())!.Version, Is.EqualTo(2));
    }

    [Test]
    public async Task RunAsync_ColumnThatIsNotRecorded_IsRejected()
    {
        await Workspace.ReceiveAsync(_first);
        var lifecycle = LifecycleBuilder.Create(Name).MonitorModel(monitoring => monitoring.Bias("region")).Build();

        Assert.That(async () => await lifecycle.RunAsync(Workspace), Throws.TypeOf<MlOpsException>().With.Message.Contains("region"));
    }

    [Test]
    public void Build_RetrainingOfAReceivedModel_IsAMistake() => Assert.That(
        () => LifecycleBuilder.Create(Name).MonitorModel(m => m.DataDrift().RetrainOn(Signal.DataDrift, RetrainingData.Original)).Build(),
        Throws.TypeOf<LifecycleConfigurationException>().With.Message.Contains("RetrainOn needs"));

    private static Dictionary<string, object?> Row => new()
    {
        ["plan"] = "basic",
        ["amount"] = 1.5,
        ["visits"] = 3L,
        ["member"] = true,
        ["since"] = new DateTime(2024, 3, 1, 0, 0, 0, DateTimeKind.Utc),
    };
}
