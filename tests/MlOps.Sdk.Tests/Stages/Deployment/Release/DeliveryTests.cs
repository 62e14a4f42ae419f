using Dapper;
using Microsoft.Extensions.Time.Testing;
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
        var elsewhere = new Elsewhere
        {
            Applying = async token =>
            {
                await cancellation.CancelAsync();
                token.ThrowIfCancellationRequested();
            },
        };
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

    [Test]
    public async Task RollbackAsync_TargetElsewhereHangs_GoesLiveHereAtOnce()
    {
        using var folder = new TempFolder();
        await using var workspace = await OpenAsync(folder);
        await workspace.Models.ImportAsync("subscribers", Load(Weak), Declare);
        var second = await workspace.Models.ImportAsync("subscribers", Load(Good), import => Declare(import.RegisterOnly()));
        var hanging = new Elsewhere { Applying = async _ => await new TaskCompletionSource().Task };
        var delivery = DeployAsync(workspace, second.Version, 1, hanging);
        await hanging.Began.Task;

        Assert.That(workspace.Endpoint("subscribers").Version, Is.EqualTo(2));
        await workspace.Models.RollbackAsync("subscribers", "it is wrong").WaitAsync(TimeSpan.FromMinutes(1));

        Assert.That(workspace.Endpoint("subscribers").Version, Is.EqualTo(1));
        Assert.That(delivery.IsCompleted, Is.False, "nobody has cancelled it");
    }

    [Test]
    public async Task DeployAsync_TargetElsewhereHangs_EndsWithItsLimitAndItIsCalledAgainWhenItHasReturned()
    {
        using var folder = new TempFolder();
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 3, 1, 0, 0, 0, TimeSpan.Zero));
        await using var workspace = await OpenAsync(folder, time);
        var first = await workspace.Models.ImportAsync("subscribers", Load(Good), import => Declare(import.RegisterOnly()));
        var (told, open) = (CancellationToken.None, new TaskCompletionSource());
        var hanging = new Elsewhere
        {
            Applying = async token =>
            {
                told = token;
                await open.Task;
            },
        };
        var delivery = DeployAsync(workspace, first.Version, null, hanging);
        await hanging.Began.Task;

        time.Advance(TargetElsewhere.Limit);

        Assert.That(
            async () => await delivery.WaitAsync(TimeSpan.FromMinutes(1)),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("'elsewhere'").And.Message.Contains("within 5 minutes")
                .And.Property(nameof(MlOpsException.Remedy)).Contains("ReconcileAsync"));
        Assert.That(workspace.Endpoint("subscribers").Version, Is.EqualTo(1));
        Assert.That(told.IsCancellationRequested, Is.True);
        hanging.Applying = _ => Task.CompletedTask;
        Assert.That(
            async () => await DeployAsync(workspace, first.Version, 1, hanging).WaitAsync(TimeSpan.FromMinutes(1)),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("still busy with an earlier call"));
        Assert.That(hanging.Applied, Is.Empty, "it gets one version at a time");
        open.SetResult();
        Assert.That(() => workspace.Process.TurnOf("subscribers", "elsewhere").IsFree, Is.True.After(30_000, 10));
        await DeployAsync(workspace, first.Version, 1, hanging).WaitAsync(TimeSpan.FromMinutes(1));
        Assert.That(hanging.Applied, Is.EqualTo(new[] { 1, 1 }));
    }

    [Test]
    public async Task DeployAsync_CallerIsCancelled_TheTargetGoesOnUntilItsLimitAndHasItsTurnMeanwhile()
    {
        using var folder = new TempFolder();
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 3, 1, 0, 0, 0, TimeSpan.Zero));
        await using var workspace = await OpenAsync(folder, time);
        var first = await workspace.Models.ImportAsync("subscribers", Load(Good), import => Declare(import.RegisterOnly()));
        var told = CancellationToken.None;
        var slow = new Elsewhere
        {
            Applying = token =>
            {
                told = token;
                return Task.Delay(Timeout.InfiniteTimeSpan, token);
            },
        };
        using var cancellation = new CancellationTokenSource();
        var delivery = DeployAsync(workspace, first.Version, null, slow, cancellation.Token);
        await slow.Began.Task;
        var turn = workspace.Process.TurnOf("subscribers", "elsewhere");

        await cancellation.CancelAsync();

        Assert.That(async () => await delivery.WaitAsync(TimeSpan.FromMinutes(1)), Throws.InstanceOf<OperationCanceledException>());
        Assert.That((told.IsCancellationRequested, turn.IsFree), Is.EqualTo((false, false)), "it is at work");
        Assert.That(await IsLeaseFreeAsync(workspace), Is.False, "another process does not bring it meanwhile");
        time.Advance(TargetElsewhere.Limit);
        Assert.That(told.IsCancellationRequested, Is.True);
        Assert.That(() => turn.IsFree, Is.True.After(30_000, 10));
        Assert.That(() => IsLeaseFreeAsync(workspace), Is.True.After(30_000, 10));
    }

    [Test]
    public async Task DeployAsync_AnotherProcessTookTheLease_CancelsTheTargetAndSaysSo()
    {
        using var folder = new TempFolder();
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 3, 1, 0, 0, 0, TimeSpan.Zero));
        await using var workspace = await OpenAsync(folder, time);
        var first = await workspace.Models.ImportAsync("subscribers", Load(Good), import => Declare(import.RegisterOnly()));
        var slow = new Elsewhere { Applying = token => Task.Delay(Timeout.InfiniteTimeSpan, token) };
        var delivery = DeployAsync(workspace, first.Version, null, slow);
        await slow.Began.Task;
        await workspace.Store.WriteAsync(connection => connection.Execute("UPDATE leases SET holder = 'another process'"));

        time.Advance(TimeSpan.FromSeconds(20));

        Assert.That(
            async () => await delivery.WaitAsync(TimeSpan.FromMinutes(1)),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("'elsewhere'").And.Message.Contains("is lost"));
        Assert.That((slow.Version, workspace.Process.TurnOf("subscribers", "elsewhere").IsFree), Is.EqualTo(((int?)null, true)));
        Assert.That(await IsLeaseFreeAsync(workspace), Is.False, "that of the other process stays");
    }

    [Test]
    public async Task DeployAsync_RolledBackWhileTheTargetSteps_IsAtTheOldVersionAfterTheInterval()
    {
        using var folder = new TempFolder();
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 3, 1, 0, 0, 0, TimeSpan.Zero));
        await using var workspace = await OpenAsync(folder, time);
        var first = await workspace.Models.ImportAsync("subscribers", Load(Weak), import => Declare(import.RegisterOnly()));
        var second = await workspace.Models.ImportAsync("subscribers", Load(Good), import => Declare(import.RegisterOnly()));
        var target = new Elsewhere();
        await DeployAsync(workspace, first.Version, null, target);
        var stepping = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        target.Applying = token => stepping.TrySetResult() ? Task.Delay(Timeout.InfiniteTimeSpan, token) : Task.CompletedTask;
        var delivery = DeployAsync(workspace, second.Version, 1, target);
        await stepping.Task;

        await workspace.Models.RollbackAsync("subscribers", "it is wrong");
        Assert.That((delivery.IsCompleted, target.Applied), Is.EqualTo((false, new[] { 1 })));
        time.Advance(LiveWatch.Interval);
        await delivery.WaitAsync(TimeSpan.FromMinutes(1));

        var entries = await workspace.Audit.ReadAsync(subject: "model:subscribers/2")
            .Where(entry => entry.Action == "model.superseded").ToListAsync();
        Assert.That((target.Version, target.Applied), Is.EqualTo(((int?)1, new[] { 1, 1 })));
        Assert.That(entries.Single().Details, Does.Contain("elsewhere").And.Contain("version 1"));
        Assert.That((await workspace.Audit.VerifyAsync()).Problem, Is.Null);
    }

    [Test]
    public async Task DeployAsync_TargetCancelsItself_SaysWhichTargetAndWhy()
    {
        using var folder = new TempFolder();
        await using var workspace = await OpenAsync(folder);
        var first = await workspace.Models.ImportAsync("subscribers", Load(Good), import => Declare(import.RegisterOnly()));
        var target = new Elsewhere { Applying = _ => throw new TaskCanceledException("The request took more than 100 seconds.") };

        Assert.That(
            async () => await DeployAsync(workspace, first.Version, null, target),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("'elsewhere'").And.Message.Contains("cancelled its own work")
                .And.Message.Contains("more than 100 seconds"));
        Assert.That(workspace.Process.TurnOf("subscribers", "elsewhere").IsFree, Is.True);
    }

    [Test]
    public async Task DeployAsync_AnotherVersionGoesLiveWhileATargetIsBusy_TheTargetEndsWithThatOne()
    {
        using var folder = new TempFolder();
        await using var workspace = await OpenAsync(folder);
        var first = await workspace.Models.ImportAsync("subscribers", Load(Weak), import => Declare(import.RegisterOnly()));
        var second = await workspace.Models.ImportAsync("subscribers", Load(Good), import => Declare(import.RegisterOnly()));
        var (atOnce, most, open) = (0, 0, new TaskCompletionSource());
        var busy = new Elsewhere
        {
            Applying = async _ =>
            {
                most = Math.Max(most, Interlocked.Increment(ref atOnce));
                await open.Task;
                Interlocked.Decrement(ref atOnce);
            },
        };
        var earlier = DeployAsync(workspace, first.Version, null, busy);
        await busy.Began.Task;
        var later = DeployAsync(workspace, second.Version, 1, busy);
        while (workspace.Endpoint("subscribers").Version != 2) await Task.Yield();

        open.SetResult();
        await Task.WhenAll(earlier, later).WaitAsync(TimeSpan.FromMinutes(1));

        Assert.That((busy.Version, most), Is.EqualTo(((int?)2, 1)));
        Assert.That(busy.Applied, Is.EqualTo(new[] { 1, 2, 2 }), "who was first looks again what is live");
    }

    [Test]
    public async Task DeployAsync_TurnOfATargetDoesNotCome_EndsWithItsLimit()
    {
        using var folder = new TempFolder();
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 3, 1, 0, 0, 0, TimeSpan.Zero));
        await using var workspace = await OpenAsync(folder, time);
        var first = await workspace.Models.ImportAsync("subscribers", Load(Good), import => Declare(import.RegisterOnly()));
        var turn = workspace.Process.TurnOf("subscribers", "elsewhere");
        await turn.WaitAsync();
        var target = new Elsewhere();
        var delivery = DeployAsync(workspace, first.Version, null, target);

        // It may not wait yet when the time is advanced.
        while (!delivery.IsCompleted)
        {
            time.Advance(TargetElsewhere.Limit);
            await Task.Yield();
        }

        Assert.That(async () => await delivery, Throws.TypeOf<MlOpsException>().With.Message.Contains("brought to another version"));
        Assert.That((target.Version, workspace.Endpoint("subscribers").Version), Is.EqualTo(((int?)null, 1)));
    }

    private static async Task<IReadOnlyList<string>> DeployAsync(
        Workspace workspace,
        ModelVersion version,
        int? champion,
        IDeploymentTarget elsewhere,
        CancellationToken cancellationToken = default)
    {
        var services = workspace.CreateDeploymentServices(PluginServices.None);
        return await new Delivery(services, [workspace.Process, elsewhere]) { Grace = TimeSpan.Zero }.DeployAsync(
            version,
            champion is { } live ? await workspace.Models.GetAsync(version.Model, live, cancellationToken) : null,
            await workspace.Artifacts.ReadAllAsync(version.PackageId, cancellationToken),
            "test",
            cancellationToken);
    }

    private static Task<bool> IsLeaseFreeAsync(Workspace workspace) => workspace.Store.ReadAsync(
        connection => connection.ExecuteScalar<long>("SELECT count(*) FROM leases WHERE name = 'target:subscribers:elsewhere'") == 0);

    private static async Task<int> BlessingsAsync(Workspace workspace) =>
        (await workspace.Models.ListAsync("subscribers")).Count == 0 ? 0
        : (await workspace.Models.BlessingsAsync("subscribers", 1)).Count;

    private static Task<Workspace> OpenAsync(TempFolder folder, TimeProvider? time = null) => Workspace.OpenAsync(
        folder.Path,
        options =>
        {
            options.Time = time ?? options.Time;
            options.Readers.Add<IRowModel>(RateByPlanModel.Format, RateByPlanModel.Read);
        });

    private static Func<ModelImportContext, CancellationToken, ValueTask<IRowModel>> Load(Dictionary<string, double> rates) =>
        (_, _) => ValueTask.FromResult<IRowModel>(new RateByPlanModel(new Field("plan", ColumnType.Text), rates, 0.5));

    private static void Declare(ModelImport import) => import
        .Problem(problem => problem.BinaryClassification("left", positive: "Yes"))
        .Judge(DataSources.Objects(Subscriber.Draw(400, seed: 5), "judge"));

    /// <summary>A target that does what a test wants meanwhile.</summary>
    private sealed class Elsewhere : IDeploymentTarget
    {
        public string Name => "elsewhere";

        public Func<CancellationToken, Task> Applying { get; set; } = _ => Task.CompletedTask;

        public TaskCompletionSource Began { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public List<int> Applied { get; } = [];

        public int? Version { get; private set; }

        public TargetCapabilities Capabilities => new();

        public async ValueTask ApplyAsync(DesiredDeployment desired, CancellationToken cancellationToken = default)
        {
            Began.TrySetResult();
            await Applying(cancellationToken);
            Applied.Add(desired.Model.Version.Version);
            Version = desired.Model.Version.Version;
        }

        public ValueTask<ObservedDeployment> ObserveAsync(string endpoint, CancellationToken cancellationToken = default) =>
            ValueTask.FromResult(new ObservedDeployment(endpoint, Version, null));
    }
}
