using MlOps.Sdk.Collection;
using MlOps.Sdk.Data;
using MlOps.Sdk.Deployment;
using MlOps.Sdk.Plugins;
using MlOps.Sdk.Registry;
using MlOps.Sdk.Tests.Training;
using MlOps.Sdk.Training;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Deployment;

[TestFixture]
public sealed class DeliveryTests
{
    private static readonly Dictionary<string, double> Good = new() { ["monthly"] = 0.8, ["yearly"] = 0.2 };
    private static readonly Dictionary<string, double> Weak = new() { ["monthly"] = 0.5, ["yearly"] = 0.5 };

    [Test]
    public async Task ImportAsync_CancelledWhileAnotherVersionIsMadeLive_PromotesNothing()
    {
        using var folder = new TempFolder();
        await using var workspace = await OpenAsync(folder);
        using var cancellation = new CancellationTokenSource();
        var turn = workspace.Process.TurnOf("subscribers");
        await turn.WaitAsync();

        var import = workspace.Models.ImportAsync("subscribers", Load(Good), Declare, cancellation.Token);
        while (await BlessingsAsync(workspace) == 0) await Task.Yield();

        // Time enough to promote it, if that did not wait for the turn.
        for (var i = 0; i < 50; i++) await workspace.Models.FindByAliasAsync("subscribers", ModelRegistry.Champion);
        await cancellation.CancelAsync();

        Assert.That(async () => await import, Throws.InstanceOf<OperationCanceledException>());
        Assert.That(await workspace.Models.FindByAliasAsync("subscribers", ModelRegistry.Champion), Is.Null);
        turn.Release();
        var again = await workspace.Models.ImportAsync("subscribers", Load(Good), Declare);
        Assert.That((again.IsPromoted, workspace.Endpoint("subscribers").Version), Is.EqualTo((true, 1)), "nobody keeps the turn");
    }

    [Test]
    public async Task DeployAsync_CancelledByATarget_ServesWhatWasPromoted()
    {
        using var folder = new TempFolder();
        await using var workspace = await OpenAsync(folder);
        using var cancellation = new CancellationTokenSource();
        var imported = await workspace.Models.ImportAsync("subscribers", Load(Good), import => Declare(import.RegisterOnly()));
        var elsewhere = new Elsewhere(cancellation);
        var services = workspace.CreateDeploymentServices(PluginServices.None);
        var package = await workspace.Artifacts.ReadAllAsync(imported.Version.PackageId);

        var names = await new Delivery(services, [elsewhere, workspace.Process]).DeployAsync(
            imported.Version, null, package, "test", cancellation.Token);

        Assert.That(cancellation.IsCancellationRequested, Is.True);
        Assert.That(names, Is.EqualTo(new[] { "elsewhere", "process" }));
        Assert.That((elsewhere.Version, workspace.Endpoint("subscribers").Version), Is.EqualTo((1, 1)));
        Assert.That((await workspace.Models.FindByAliasAsync("subscribers", ModelRegistry.Champion))!.Version, Is.EqualTo(1));
    }

    [Test]
    public async Task DeployAsync_LiveVersionWasReplacedSinceItWasRead_IsRefused()
    {
        using var folder = new TempFolder();
        await using var workspace = await OpenAsync(folder);
        var first = await workspace.Models.ImportAsync("subscribers", Load(Weak), Declare);
        var second = await workspace.Models.ImportAsync("subscribers", Load(Good), Declare);
        Assert.That(second.IsPromoted, Is.True, second.Reason);
        var services = workspace.CreateDeploymentServices(PluginServices.None);
        var package = await workspace.Artifacts.ReadAllAsync(first.Version.PackageId);

        // The first is live as far as the caller knows, so there is nothing to promote.
        Assert.That(
            () => new Delivery(services, [workspace.Process]).DeployAsync(
                first.Version, first.Version, package, "test", CancellationToken.None),
            Throws.TypeOf<ConcurrencyException>());
        Assert.That(workspace.Endpoint("subscribers").Version, Is.EqualTo(2));
    }

    [Test]
    public async Task ImportAsync_ManyAtOnce_EndWithWhatTheAliasSays()
    {
        using var folder = new TempFolder();
        await using var workspace = await OpenAsync(folder);

        // Each is better than the one before; those that were overtaken are told so.
        await Task.WhenAll(Enumerable.Range(1, 4).Select(i => Task.Run(async () =>
        {
            try
            {
                var rates = new Dictionary<string, double> { ["monthly"] = 0.5 + i * 0.05, ["yearly"] = 0.5 - i * 0.05 };
                await workspace.Models.ImportAsync("subscribers", Load(rates), import => Declare(import.ReplaceIncomparable()));
            }
            catch (ConcurrencyException)
            {
                // Another was quicker.
            }
        })));

        var live = await workspace.Models.FindByAliasAsync("subscribers", ModelRegistry.Champion);
        Assert.That(workspace.Endpoint("subscribers").Version, Is.EqualTo(live!.Version));
    }

    private static async Task<int> BlessingsAsync(Workspace workspace) =>
        (await workspace.Models.ListAsync("subscribers")).Count == 0 ? 0
        : (await workspace.Models.BlessingsAsync("subscribers", 1)).Count;

    private static Task<Workspace> OpenAsync(TempFolder folder) => Workspace.OpenAsync(
        folder.Path, options => options.Readers.Add<IRowModel>(RateByPlanModel.Format, RateByPlanModel.Read));

    private static Func<ModelImportContext, CancellationToken, ValueTask<IRowModel>> Load(Dictionary<string, double> rates) =>
        (_, _) => ValueTask.FromResult<IRowModel>(new RateByPlanModel(new Field("plan", ColumnType.Text), rates, 0.5));

    private static void Declare(ModelImport import) => import
        .Problem(problem => problem.BinaryClassification("left", positive: "Yes"))
        .Judge(DataSources.Objects(Subscriber.Draw(400, seed: 5), "judge"));

    /// <summary>A target that takes so long that the caller gives up.</summary>
    private sealed class Elsewhere(CancellationTokenSource cancellation) : IDeploymentTarget
    {
        public string Name => "elsewhere";

        public int? Version { get; private set; }

        public TargetCapabilities Capabilities => new();

        public async ValueTask ApplyAsync(DesiredDeployment desired, CancellationToken cancellationToken = default)
        {
            await cancellation.CancelAsync();
            cancellationToken.ThrowIfCancellationRequested();
            Version = desired.Model.Version.Version;
        }

        public ValueTask<ObservedDeployment> ObserveAsync(string endpoint, CancellationToken cancellationToken = default) =>
            ValueTask.FromResult(new ObservedDeployment(endpoint, Version, null));
    }
}
