using MlOps.Sdk.Collection;
using MlOps.Sdk.Data;
using MlOps.Sdk.Deployment;
using MlOps.Sdk.Registry;
using MlOps.Sdk.Tests.Training;
using MlOps.Sdk.Training;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Deployment;

[TestFixture]
public sealed class ModelImportTests
{
    private static readonly Dictionary<string, double> Good = new() { ["monthly"] = 0.8, ["yearly"] = 0.2 };
    private static readonly Dictionary<string, double> Weak = new() { ["monthly"] = 0.5, ["yearly"] = 0.5 };
    private static readonly Dictionary<string, double> Bad = new() { ["monthly"] = 0.2, ["yearly"] = 0.8 };

    [Test]
    public async Task ImportAsync_ModelThatPasses_IsRegisteredBlessedAndServed()
    {
        using var folder = new TempFolder();
        await using var workspace = await OpenAsync(folder);

        var imported = await workspace.Models.ImportAsync(SampleLifecycle.Name, Load(Good), Declare(atLeast: 0.6));

        using var package = await workspace.ReadPackageAsync(imported.Version);
        var answer = workspace.Endpoint(SampleLifecycle.Name).Predict(new Dictionary<string, object?> { ["plan"] = "monthly" });
        var looks = await workspace.Holdout.ListAsync(SampleLifecycle.Name);
        Assert.Multiple(() =>
        {
            Assert.That(imported.IsBlessed, Is.True, imported.Reason);
            Assert.That(imported.IsPromoted, Is.True);
            Assert.That(imported.Inputs.Select(field => field.Name), Is.EqualTo(new[] { "plan" }));
            Assert.That(imported.Rows, Is.EqualTo(400));
            Assert.That(imported.Metrics["roc_auc"].Value, Is.GreaterThan(0.65));
            Assert.That(imported.Version.RunId, Is.Null);
            Assert.That(imported.Version.Description, Is.EqualTo("Trained by hand."));
            Assert.That(answer.Value.Score, Is.EqualTo(0.8));
            Assert.That(package.CheckGoldenRows(), Is.Null);
            Assert.That(package.Baseline.Inputs.Select(column => column.Name), Is.EqualTo(new[] { "plan" }));
            Assert.That(looks.Select(look => look.Purpose), Is.EqualTo(new[] { "gates" }));
        });
    }

    [Test]
    public async Task ImportAsync_ModelMustBeApproved_GoesLiveByTheLastApproval()
    {
        using var folder = new TempFolder();
        var people = new People();
        await using var workspace = await OpenAsync(folder, people);
        var lifecycle = LifecycleBuilder.Create(SampleLifecycle.Name)
            .DefineProblem(problem => problem.BinaryClassification("left", positive: "Yes"))
            .CollectData(data => data.FromObjects(Subscriber.Draw(500, seed: 1)))
            .TrainModel(training => training.Try(Trainers.Baseline()).CrossValidate(2).Trials(0))
            .DeployModel(deployment => deployment
                .ToProcess().RequireApproval(approval => approval.By("risk-officer").By("model-owner")))
            .Build();
        var run = await lifecycle.RunAsync(workspace);
        await ApproveAsync(run.Deployment!.AwaitsApproval!.Value);
        await lifecycle.ResumeAsync(workspace, run.Id);

        var imported = await workspace.Models.ImportAsync(SampleLifecycle.Name, Load(Good), Declare());
        var live = workspace.Endpoint(SampleLifecycle.Name).Version;
        var pending = (await workspace.Approvals.ListAsync(state: ApprovalState.Pending)).Single();
        await ApproveAsync(pending.Id);

        Assert.Multiple(() =>
        {
            Assert.That((imported.IsPromoted, imported.IsBlessed, live), Is.EqualTo((false, false, 1)), imported.Reason);
            Assert.That(imported.Reason, Does.Contain($"Approval {pending.Id} awaits model-owner, risk-officer"));
            Assert.That(imported.AwaitsApproval, Is.EqualTo(pending.Id));
            Assert.That(pending.Runs, Is.Empty);
            Assert.That(workspace.Endpoint(SampleLifecycle.Name).Version, Is.EqualTo(2));
        });
        var blessing = (await workspace.Models.GetBlessedAsync(SampleLifecycle.Name, 2)).Blessing;
        Assert.That(blessing.Gates.Single(gate => gate.Name == "approval").Observed, Is.EqualTo("ann (risk-officer), bob (model-owner)"));
        Assert.That((await workspace.Audit.VerifyAsync()).Problem, Is.Null);

        async Task ApproveAsync(long approval)
        {
            foreach (var person in new[] { "ann", "bob" })
            {
                people.Actor = person;
                await workspace.Approvals.ApproveAsync(approval, "fine");
            }

            people.Actor = "dan";
        }
    }

    [Test]
    public async Task ImportAsync_ActorMayNotPromote_RequestsNoApproval()
    {
        using var folder = new TempFolder();
        var people = new People { Forbidden = { "eve" } };
        await using var workspace = await OpenAsync(folder, people);
        var first = await workspace.Models.ImportAsync(SampleLifecycle.Name, Load(Weak), Declare());
        await workspace.Approvals.Registry.TightenAsync(first.Version, new ApprovalPolicy { Roles = ["risk-officer"] }, "dan", default);
        people.Actor = "eve";

        var imported = await workspace.Models.ImportAsync(SampleLifecycle.Name, Load(Good), Declare());
        var requested = await workspace.Approvals.ListAsync();
        people.Actor = "dan";
        var needed = await Assert.CatchAsync<ApprovalRequiredException>(
            async () => await workspace.Models.PromoteAsync(SampleLifecycle.Name, 2, "somebody who may asks"));

        Assert.That((imported.IsPromoted, imported.IsBlessed), Is.EqualTo((false, true)), imported.Reason);
        Assert.That(imported.Reason, Does.Contain("'eve' may not promote"));
        Assert.That(requested, Is.Empty);
        Assert.That(needed!.Approval!.Requester, Is.EqualTo("dan"));
        Assert.That(needed.Approval.Authors, Is.EqualTo(new[] { "eve" }), "who registered it does not approve it");
    }

    [Test]
    public async Task ImportAsync_ModelThatFails_IsRegisteredAndNotServed()
    {
        using var folder = new TempFolder();
        await using var workspace = await OpenAsync(folder);

        var imported = await workspace.Models.ImportAsync(SampleLifecycle.Name, Load(Bad), Declare(atLeast: 0.6));

        Assert.That(imported.IsBlessed, Is.False);
        Assert.That(
            imported.Gates.Where(gate => gate.Outcome == GateOutcome.Failed).Select(gate => gate.Name),
            Is.EqualTo(new[] { "roc_auc", "positive class" }));
        Assert.That(await workspace.Models.FindByAliasAsync(SampleLifecycle.Name, ModelRegistry.Champion), Is.Null);
        Assert.That(
            () => workspace.Models.GetBlessedAsync(SampleLifecycle.Name, imported.Version.Version),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("roc_auc"));
    }

    [Test]
    public async Task ImportAsync_ScoresOfTheOtherClassAndNoTarget_AreRefused()
    {
        using var folder = new TempFolder();
        await using var workspace = await OpenAsync(folder);

        var imported = await workspace.Models.ImportAsync(SampleLifecycle.Name, Load(Bad), Declare());

        var failed = imported.Gates.Single(gate => gate.Outcome == GateOutcome.Failed);
        Assert.That(failed.Name, Is.EqualTo("positive class"));
        Assert.That(failed.Explanation, Does.Contain("higher scores than 'Yes'"));
        Assert.That(imported.IsPromoted, Is.False);
        Assert.That(imported.Reason, Does.Contain("set the positive class"));
    }

    [Test]
    public async Task ImportAsync_TwiceAndRegisterOnly_KeepWhatIsLive()
    {
        using var folder = new TempFolder();
        await using var workspace = await OpenAsync(folder);
        var first = await workspace.Models.ImportAsync(SampleLifecycle.Name, Load(Good), Declare());

        var again = await workspace.Models.ImportAsync(SampleLifecycle.Name, Load(Good), Declare());
        var worse = await workspace.Models.ImportAsync(SampleLifecycle.Name, Load(Bad), Declare());
        var aside = await workspace.Models.ImportAsync(
            "other", Load(Good), import => Declare()(import.RegisterOnly()));

        Assert.Multiple(() =>
        {
            Assert.That(again.Version.Version, Is.EqualTo(first.Version.Version));
            Assert.That(again.Reason, Does.Contain("the same as version 1"));
            Assert.That(worse.IsPromoted, Is.False);
            Assert.That(worse.Comparison!.Difference, Is.LessThan(0));
            Assert.That(aside.IsBlessed && !aside.IsPromoted, Is.True);
            Assert.That(workspace.Endpoint(SampleLifecycle.Name).Version, Is.EqualTo(1));
        });
    }

    [Test]
    public async Task ImportAsync_VersionThatWasReplaced_KeepsItsBlessing()
    {
        using var folder = new TempFolder();
        await using var workspace = await OpenAsync(folder);
        await workspace.Models.ImportAsync(SampleLifecycle.Name, Load(Weak), Declare());
        var better = await workspace.Models.ImportAsync(SampleLifecycle.Name, Load(Good), Declare());
        Assert.That(better.IsPromoted, Is.True, better.Reason);

        var again = await workspace.Models.ImportAsync(SampleLifecycle.Name, Load(Weak), Declare());

        Assert.That((again.Version.Version, again.IsBlessed, again.IsPromoted), Is.EqualTo((1, false, false)));
        Assert.That(
            (await workspace.Models.GetBlessedAsync(SampleLifecycle.Name, 1)).Version.Version, Is.EqualTo(1), "one can go back to it");

        // A target that it misses today is something else.
        var missed = await workspace.Models.ImportAsync(SampleLifecycle.Name, Load(Weak), Declare(atLeast: 0.99));
        Assert.That(missed.Version.Version, Is.EqualTo(1));
        Assert.That(() => workspace.Models.GetBlessedAsync(SampleLifecycle.Name, 1), Throws.TypeOf<MlOpsException>());
    }

    [Test]
    public async Task ImportAsync_LiveVersionOfOtherClasses_IsReplacedWhereTheImportSaysSo()
    {
        using var folder = new TempFolder();
        await using var workspace = await OpenAsync(folder);
        await workspace.Models.ImportAsync(SampleLifecycle.Name, Load(Good), Declare());

        var kept = await workspace.Models.ImportAsync(SampleLifecycle.Name, Load(Bad), Opposite(_ => { }));
        var replaced = await workspace.Models.ImportAsync(
            SampleLifecycle.Name, Load(Bad), Opposite(import => import.ReplaceIncomparable()));

        Assert.That(kept.IsPromoted, Is.False);
        Assert.That(kept.Reason, Does.Contain("ReplaceIncomparable() on the import").And.Not.Contains("DeployModel"));
        Assert.That(replaced.IsPromoted, Is.True, replaced.Reason);

        static Action<ModelImport> Opposite(Action<ModelImport> more) => import => more(import
            .Problem(problem => problem.BinaryClassification("left", positive: "No"))
            .Judge(DataSources.Objects(Subscriber.Draw(400, seed: 5), "judge")));
    }

    [Test]
    public async Task ImportAsync_RowsOfWhichMoreWeigh_AreJudgedByWeight()
    {
        using var folder = new TempFolder();
        await using var workspace = await OpenAsync(folder);
        var rows = Subscriber.Draw(400, seed: 5);

        var plain = await workspace.Models.ImportAsync("plain", Load(Good), Declared(import => import));
        var weighted = await workspace.Models.ImportAsync("weighted", Load(Good), Declared(import => import.Weight("counts")));

        // A row of weight 3 counts as three rows.
        var repeated = rows.SelectMany(row => Enumerable.Repeat(row, row.Left == "Yes" ? 3 : 1)).ToArray();
        var expected = await workspace.Models.ImportAsync(
            "repeated",
            Load(Good),
            import => import
                .Problem(problem => problem.BinaryClassification("left", positive: "Yes"))
                .Judge(DataSources.Objects(repeated, "judge"), gates => gates.Optimize(Metric.LogLoss)));
        Assert.That(weighted.Metrics["log_loss"].Value, Is.EqualTo(expected.Metrics["log_loss"].Value).Within(1e-12));
        Assert.That(weighted.Metrics["log_loss"].Value, Is.Not.EqualTo(plain.Metrics["log_loss"].Value).Within(1e-3));
        Assert.That(
            () => workspace.Models.ImportAsync("none", Load(Good), Declared(import => import.Weight("count"))),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("count"));
        Assert.That(
            () => workspace.Models.ImportAsync(
                "read",
                (_, _) => ValueTask.FromResult<IRowModel>(
                    new RateByPlanModel(new Field("counts", ColumnType.Number), Good, 0.5)),
                Declared(import => import.Weight("counts"))),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("reads the weight 'counts'"));

        Action<ModelImport> Declared(Func<ModelImport, ModelImport> more) => import => more(import)
            .Problem(problem => problem.BinaryClassification("left", positive: "Yes"))
            .Judge(
                DataSources.Objects(rows.Select(row => new Counted(row.Plan, row.Left, row.Left == "Yes" ? 3 : 1)).ToArray(), "judge"),
                gates => gates.Optimize(Metric.LogLoss));
    }

    [Test]
    public async Task ImportAsync_RowsTakenForCalibration_AreNotJudgedOn()
    {
        using var folder = new TempFolder();
        await using var workspace = await OpenAsync(folder);
        var rows = Enumerable.Range(0, 400).Select(i => new Counted($"plan {i / 2}", i % 5 < 2 ? "Yes" : "No", i)).ToArray();
        var taken = new List<double[]>();

        var imported = await ImportAsync(rows);
        await ImportAsync([.. rows.Reverse()]);

        Assert.That(imported.Rows, Is.EqualTo(200));
        Assert.That(taken[0], Has.Length.EqualTo(200).And.Unique);
        Assert.That(taken[1], Is.EquivalentTo(taken[0]), "whatever their order");
        Assert.That(taken[0].Count(counts => (int)counts % 5 < 2), Is.EqualTo(80), "half of each class");

        Task<ImportedModel> ImportAsync(Counted[] declared) => workspace.Models.ImportAsync(
            "subscribers",
            (context, _) =>
            {
                var positions = context.TakeForCalibration();
                Assert.That(context.TakeForCalibration(), Is.SameAs(positions));
                taken.Add([.. positions.Select(row => context.Rows["counts"].GetNumber(row))]);
                return ValueTask.FromResult<IRowModel>(Model("plan", Good));
            },
            import => import
                .Problem(problem => problem.BinaryClassification("left", positive: "Yes"))
                .Judge(DataSources.Objects(declared, "judge")));
    }

    [Test]
    public async Task ImportAsync_RowsThatAreAlike_AreSealedByTheirKeyOnly()
    {
        using var folder = new TempFolder();
        await using var workspace = await OpenAsync(folder);
        var rows = Enumerable.Range(0, 400)
            .Select(i => new Counted(i % 2 == 0 ? "monthly" : "yearly", i % 3 == 0 ? "Yes" : "No", i)).ToArray();

        var alike = await workspace.Models.ImportAsync("alike", Load(Good), import => import
            .Problem(problem => problem.BinaryClassification("left", positive: "Yes"))
            .Judge(DataSources.Objects(rows.Select(row => new { row.Plan, row.Left }).ToArray(), "judge")));
        var keyed = await workspace.Models.ImportAsync("keyed", Load(Good), import => import
            .Problem(problem => problem.BinaryClassification("left", positive: "Yes"))
            .Judge(DataSources.Objects(rows, "judge"), key: "counts"));

        Assert.That(alike.Reason, Does.Contain("may train on rows").And.Contain("Judge(…, key: …)"));
        Assert.That(keyed.Reason, Does.Not.Contain("may train on rows"));
        Assert.That(
            () => workspace.Models.ImportAsync("none", Load(Good), import => import
                .Problem(problem => problem.BinaryClassification("left", positive: "Yes"))
                .Judge(DataSources.Objects(rows, "judge"), key: "customer")),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("customer"));
    }

    [TestCase(0.0, true, true)]
    [TestCase(1e-9, true, false)]
    [TestCase(1e-7, false, true)]
    [TestCase(1e-3, false, false)]
    public async Task ServeAsync_PackageThatAnswersOtherwise_IsRefusedAndWhatIsLiveStays(double change, bool isExact, bool isServed)
    {
        using var folder = new TempFolder();
        await using (var workspace = await OpenAsync(folder))
        {
            await workspace.Models.ImportAsync(SampleLifecycle.Name, Load(Weak), Declare());
            await workspace.Models.ImportAsync(SampleLifecycle.Name, Load(Good), Declare());
        }

        // Another version of the code that reads the model, which serves the first version, and is to take up the second.
        await using var later = await Workspace.OpenAsync(
            folder.Path,
            options => options.Readers.Add<IRowModel>(
                RateByPlanModel.Format, bytes => RateByPlanModel.Read(bytes, rate => rate == 0.5 ? rate : rate + change, isExact)));
        var first = await later.Models.GetBlessedAsync(SampleLifecycle.Name, 1);
        await later.Process.ApplyAsync(new DesiredDeployment(
            SampleLifecycle.Name, first, await later.Artifacts.ReadAllAsync(first.Version.PackageId)));

        if (isServed)
        {
            Assert.That(await later.ServeAsync(SampleLifecycle.Name), Is.EqualTo(2));
        }
        else
        {
            Assert.That(
                () => later.ServeAsync(SampleLifecycle.Name),
                Throws.TypeOf<MlOpsException>().With.Message.Contains("does not give the same " +
                    "predictions").And.Message.Contains("Golden score"));
            Assert.That(later.Endpoint(SampleLifecycle.Name).Version, Is.EqualTo(1));
        }
    }

    [Test]
    public async Task RunAsync_AfterAnImport_ChallengesIt()
    {
        using var folder = new TempFolder();
        await using var workspace = await OpenAsync(folder);
        await workspace.Models.ImportAsync(SampleLifecycle.Name, Load(Good), Declare());

        var run = await SampleLifecycle.Begin(
            Subscriber.Draw(3_000, seed: 7),
            training => training.Try(Trainers.GradientBoosting()).CrossValidate(2).Trials(0)).Deployed().Build().RunAsync(workspace);

        Assert.That(run.Deployment!.Comparison!.Champion, Is.EqualTo(1));
        Assert.That(run.Deployment.Comparison.Difference, Is.GreaterThan(0.02));
        Assert.That(run.Deployment.IsDeployed, Is.True, run.Deployment.Reason);
        Assert.That(
            run.Deployment.Gates.Single(gate => gate.Name == "better than the live version").Explanation,
            Does.EndWith("The training rows of the imported one are not known."));
    }

    [Test]
    public async Task ImportAsync_NothingDeclared_ListsEveryMistake()
    {
        using var folder = new TempFolder();
        await using var workspace = await OpenAsync(folder);

        Assert.That(
            () => workspace.Models.ImportAsync("spam", Load(Good), _ => { }),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("Problem(…)").And.Message.Contains("Judge(…)"));
    }

    [Test]
    public async Task ImportAsync_ModelOfTheLabelOrOfNoColumn_IsRefusedAndDisposed()
    {
        using var folder = new TempFolder();
        await using var workspace = await OpenAsync(folder);

        Assert.That(
            () => workspace.Models.ImportAsync(
                "spam", (_, _) => ValueTask.FromResult<IRowModel>(Model("left", Good)), Declare()),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("reads the label 'left'"));
        Assert.That(
            () => workspace.Models.ImportAsync(
                "spam", (_, _) => ValueTask.FromResult<IRowModel>(Model("tariff", Good)), Declare()),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("'tariff'"));
        Assert.That(await workspace.Models.ListAsync("spam"), Is.Empty);
    }

    [Test]
    public void ModelImport_ImpossibleValues_AreRefused()
    {
        var import = new ModelImport();

        Assert.That(() => import.GoldenRows(0), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => import.Threshold(double.NaN), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => import.MustBeatBy(-0.1), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(
            () => import.Problem(_ => { }).Problem(_ => { }).RegisterOnly().RegisterOnly().Build("model"),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("Problem twice").And.Message.Contains("RegisterOnly twice"));
    }

    private static Task<Workspace> OpenAsync(TempFolder folder, IActorProvider? actors = null) => Workspace.OpenAsync(
        folder.Path,
        options =>
        {
            options.Actors = actors;
            options.Readers.Add<IRowModel>(RateByPlanModel.Format, RateByPlanModel.Read);
        });

    private static RateByPlanModel Model(string column, Dictionary<string, double> rates) =>
        new(new Field(column, ColumnType.Text), rates, 0.5);

    private static Func<ModelImportContext, CancellationToken, ValueTask<IRowModel>> Load(Dictionary<string, double> rates) =>
        (_, _) => ValueTask.FromResult<IRowModel>(Model("plan", rates));

    private static Action<ModelImport> Declare(double? atLeast = null) => import => import
        .Problem(problem => problem.BinaryClassification("left", positive: "Yes"))
        .Judge(DataSources.Objects(Subscriber.Draw(400, seed: 5), "judge"), gates => gates.Optimize(Metric.RocAuc, atLeast))
        .Description("Trained by hand.");

    private sealed record Counted(string Plan, string Left, double Counts);
}
