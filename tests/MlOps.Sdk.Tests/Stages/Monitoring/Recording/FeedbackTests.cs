using MlOps.Sdk.Collection;
using MlOps.Sdk.Data;
using MlOps.Sdk.Deployment;
using MlOps.Sdk.Monitoring;
using MlOps.Sdk.Problem;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Monitoring;

/// <summary>What is told of the truth of predictions.</summary>
[TestFixture]
public sealed class FeedbackTests
{
    [Test]
    public async Task Label_UnknownRepeatedAndChanged_IsCounted()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        await SampleLifecycle.Begin().Deployed().Monitored().Build().RunAsync(workspace);
        var monitor = workspace.Monitor(SampleLifecycle.Name);
        var endpoint = workspace.Endpoint<UnlabelledSubscriber, Answer>(SampleLifecycle.Name);
        var first = endpoint.Predict(new(30, 40, "monthly", true)).Id;
        var second = endpoint.Predict(new(31, 41, "monthly", true)).Id;
        await monitor.LabelAsync([new(first, "Yes"), new(second, "No")]);

        var receipt = await monitor.LabelAsync([new(first, "Yes"), new(second, "Yes"), new(PredictionId.FromKey("never predicted"), "No")]);

        Assert.That(
            (receipt.Added, receipt.Changed, receipt.Unchanged, receipt.Unmatched.Single()),
            Is.EqualTo((0, 1, 1, PredictionId.FromKey("never predicted"))));
    }

    [TestCase("maybe", "Yes")]
    [TestCase("yes", "Yes")]
    [TestCase("", "empty")]
    public async Task Label_NoClassOfTheModel_IsRefusedAndNothingIsStored(string label, string says)
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        await SampleLifecycle.Begin().Deployed().Monitored().Build().RunAsync(workspace);
        var monitor = workspace.Monitor(SampleLifecycle.Name);
        var endpoint = workspace.Endpoint<UnlabelledSubscriber, Answer>(SampleLifecycle.Name);
        var first = endpoint.Predict(new(30, 40, "monthly", true)).Id;
        var second = endpoint.Predict(new(31, 41, "monthly", true)).Id;

        var failure = (await Assert.CatchAsync<MlOpsException>(
            async () => await monitor.LabelAsync([new(first, "Yes"), new(second, label)])))!;

        Assert.Multiple(async () =>
        {
            Assert.That(failure.Message, Does.Contain(says).And.Contain(second.ToString()));
            Assert.That((await workspace.MonitoringServices.Labels.CountAsync(SampleLifecycle.Name)).Labelled, Is.Zero);
        });
    }

    [Test]
    public async Task Label_StepComputesTheLabel_IsTakenAsItStandsInTheData()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        var rows = Subscriber.Draw(600, 1).Select(row => row with { Left = row.Left == "Yes" ? " YES" : " NO" }).ToArray();
        await LifecycleBuilder.Create(SampleLifecycle.Name)
            .DefineProblem(problem => problem.BinaryClassification("left", "yes"))
            .CollectData(data => data.FromObjects(rows))
            .ProcessData(data => data.NormalizeText("left"))
            .TrainModel(training => training.Try(Trainers.LogisticRegression()).CrossValidate(2).Trials(0))
            .Deployed().Monitored(monitoring => monitoring.DataDrift()).Build().RunAsync(workspace);
        var id = workspace.Endpoint<UnlabelledSubscriber, Answer>(SampleLifecycle.Name).Predict(new(30, 40, "monthly", true)).Id;

        var receipt = await workspace.Monitor(SampleLifecycle.Name).LabelAsync([new(id, " YES")]);

        Assert.That(receipt.Added, Is.EqualTo(1));
    }

    [Test]
    public async Task Label_RegressionAndTextThatIsNoNumber_IsRefused()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        await LifecycleBuilder.Create("spending")
            .DefineProblem(problem => problem.Regression("age"))
            .CollectData(data => data.FromObjects(Subscriber.Draw(400, 1)))
            .TrainModel(training => training.Try(Trainers.LinearRegression()).CrossValidate(2).Trials(0))
            .DeployModel(deployment => deployment.ToProcess())
            .MonitorModel(monitoring => monitoring.DataDrift())
            .Build().RunAsync(workspace);
        var monitor = workspace.Monitor("spending");

        await Assert.ThatAsync(
            async () => await monitor.LabelAsync([new(PredictionId.FromKey("a"), "forty")]),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("is not a number"));
        await Assert.ThatAsync(async () => await monitor.LabelAsync([new(PredictionId.FromKey("a"), "40.5")]), Throws.Nothing);
    }

    [TestCase("12.50", "12.5")]
    [TestCase("1250", "1.25e3")]
    [TestCase("-0.0", "0")]
    public async Task Label_StoredInAnotherSpelling_IsUnchanged(string stored, string reported)
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        await LifecycleBuilder.Create("spending")
            .DefineProblem(problem => problem.Regression("age"))
            .CollectData(data => data.FromObjects(Subscriber.Draw(400, 1)))
            .TrainModel(training => training.Try(Trainers.LinearRegression()).CrossValidate(2).Trials(0))
            .DeployModel(deployment => deployment.ToProcess())
            .MonitorModel(monitoring => monitoring.DataDrift())
            .Build().RunAsync(workspace);
        var id = workspace.Endpoint("spending").Predict(
            new Dictionary<string, object?> { ["spend"] = 10.0, ["plan"] = "monthly", ["abroad"] = false, ["left"] = "No" }).Id;
        var monitor = workspace.Monitor("spending");
        await monitor.FlushAsync();

        // As an earlier version stored it.
        await workspace.MonitoringServices.Labels.InsertAsync([new("spending", id.ToString(), stored, DateTimeOffset.UtcNow)]);
        var again = await monitor.LabelAsync([new(id, reported)]);
        var other = await monitor.LabelAsync([new(id, "13")]);

        Assert.That((again.Unchanged, again.Changed, other.Changed), Is.EqualTo((1, 0, 1)));
    }

    [TestCase(ColumnType.Number, "12.50", "12.5", true)]
    [TestCase(ColumnType.Integer, "012", "12", true)]
    [TestCase(ColumnType.Boolean, "TRUE", "true", true)]
    [TestCase(ColumnType.Text, "12.50", "12.5", false)]
    [TestCase(ColumnType.Number, "unknown", "12.5", false)]
    public void IsSame_LabelThatAStepComputes_ComparesAsItsColumnReadsIt(ColumnType type, string stored, string label, bool isSame) =>
        Assert.That(new LabelCheck(null, new Field("y", type)).IsSame(stored, label), Is.EqualTo(isSame));

    [Test]
    public async Task Label_RowsOfTheModelCannotBeRead_IsStoredAndTheLogSaysSoOnce()
    {
        using var folder = new TempFolder();
        var notChecked = 0;
        var log = new LogWatcher(id => notChecked += id.Id == 9011 ? 1 : 0);
        await using var workspace = await Workspace.OpenAsync(folder.Path, options => options.LoggerFactory = log);
        var run = await SampleLifecycle.Begin().Deployed().Monitored().Build().RunAsync(workspace);
        var endpoint = workspace.Endpoint<UnlabelledSubscriber, Answer>(SampleLifecycle.Name);
        PredictionId[] ids = [endpoint.Predict(new(30, 40, "monthly", true)).Id, endpoint.Predict(new(31, 41, "monthly", true)).Id];
        var rows = run.Record.OutputOf(LifecycleStage.Collection, CollectionStage.Rows);
        await File.WriteAllTextAsync(Path.Combine(workspace.Path, "artifacts", rows.Hex[..2], rows.Hex[2..]), "These are no rows.");
        var monitor = workspace.Monitor(SampleLifecycle.Name);

        var added = 0;
        foreach (var id in ids) added += (await monitor.LabelAsync([new(id, "Yes")])).Added;

        Assert.That((added, notChecked), Is.EqualTo((2, 1)));
    }

    [TestCase("maybe", false)]
    [TestCase("TRUE", true)]
    [TestCase("False", true)]
    [TestCase("1", false)]
    public async Task Label_InAProcessThatServesNothing_IsHeldAgainstThePromotedVersion(string label, bool isTaken)
    {
        using var folder = new TempFolder();
        PredictionId id;
        await using (var serving = await Workspace.OpenAsync(folder.Path))
        {
            await LifecycleBuilder.Create("truths")
                .DefineProblem(problem => problem.BinaryClassification("left", positive: "True"))
                .CollectData(data => data.FromObjects(
                    Subscriber.Draw(600, 1).Select(row => new { row.Age, row.Spend, Left = row.Left == "Yes" }).ToArray()))
                .TrainModel(training => training.Try(Trainers.LogisticRegression()).CrossValidate(2).Trials(0))
                .DeployModel(deployment => deployment.ToProcess())
                .MonitorModel(monitoring => monitoring.DataDrift())
                .Build().RunAsync(serving);
            id = serving.Endpoint("truths").Predict(new Dictionary<string, object?> { ["age"] = 40, ["spend"] = 50.0 }).Id;
        }

        await using var workspace = await Workspace.OpenAsync(folder.Path);
        var monitor = workspace.Monitor("truths");
        if (isTaken)
        {
            var receipt = await monitor.LabelAsync([new(id, label)]);
            var again = await monitor.LabelAsync([new(id, label.ToLowerInvariant())]);
            Assert.That((receipt.Added, again.Unchanged), Is.EqualTo((1, 1)), "kept as the data spells it");
        }
        else
        {
            await Assert.ThatAsync(
                async () => await monitor.LabelAsync([new(id, label)]),
                Throws.TypeOf<MlOpsException>().With.Message.Contains("false, true"));
        }
    }

    [TestCase("NaN")]
    [TestCase("Infinity")]
    [TestCase("1e999")]
    [TestCase("1,5")]
    [TestCase("40 ")]
    public async Task Label_RegressionAndNoFiniteNumber_IsRefused(string label)
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        await workspace.Monitor("any").LabelAsync([new(PredictionId.FromKey("a"), label)]);
        var check = new LabelCheck(new LabelEncoding(TaskKind.Regression, "y", []), null);
        var stored = new LabelCheck(null, LabelCheck.ColumnOf(new Field("y", ColumnType.Integer), TaskKind.Regression));

        Assert.Multiple(() =>
        {
            Assert.That(() => check.Check(PredictionId.FromKey("a"), label), Throws.TypeOf<MlOpsException>().With.Message.Contains(label));
            Assert.That(() => stored.Check(PredictionId.FromKey("a"), label), Throws.TypeOf<MlOpsException>().With.Message.Contains(label));
            Assert.That(stored.Check(PredictionId.FromKey("a"), "40.5"), Is.EqualTo("40.5"));
        });
    }

    [TestCase(ColumnType.Text, "anything", true)]
    [TestCase(ColumnType.Integer, "40", true)]
    [TestCase(ColumnType.Integer, "40.5", false)]
    [TestCase(ColumnType.Number, "40.5", true)]
    [TestCase(ColumnType.Boolean, "TRUE", true)]
    [TestCase(ColumnType.Boolean, "yes", false)]
    [TestCase(ColumnType.Timestamp, "2024-01-31", true)]
    [TestCase(ColumnType.Timestamp, "31.1.2024", false)]
    public void Check_ColumnOfEveryType_IsWhatARetrainingReads(ColumnType type, string label, bool isTaken)
    {
        var check = new LabelCheck(null, new Field("y", type));
        var builder = ColumnBuilder.Create(type);

        Assert.Multiple(() =>
        {
            Assert.That(
                () => check.Check(PredictionId.FromKey("a"), label),
                isTaken ? Is.EqualTo(label) : Throws.TypeOf<MlOpsException>().With.Message.Contains($"is not of the type {type}"));
            Assert.That(LabelCheck.TryAppend(builder, label), Is.EqualTo(isTaken));
            Assert.That(builder.Count, Is.EqualTo(isTaken ? 1 : 0));
        });
    }

    [TestCase("1e2", "100")]
    [TestCase("0.10", "0.1")]
    [TestCase("-7", "-7")]
    [TestCase("1e300", "1E+300")]
    public void Label_OfARegression_IsStoredAsTheShortestTextOfItsNumber(string label, string stored)
    {
        var check = new LabelCheck(new LabelEncoding(TaskKind.Regression, "y", []), null);
        var kept = check.Check(PredictionId.FromKey("a"), label);

        Assert.That(kept, Is.EqualTo(stored));
        Assert.That(check.Check(PredictionId.FromKey("a"), kept), Is.EqualTo(stored));
    }

    [Test]
    public void Label_Long_IsRefusedUnlessItIsAClass()
    {
        var (id, longest) = (PredictionId.FromKey("a"), new string('x', 1_001));
        var known = new LabelEncoding(TaskKind.BinaryClassification, "y", ["No", longest]);

        Assert.That(new LabelCheck(known, null).Check(id, longest), Is.EqualTo(longest));
        foreach (var check in new[]
        {
            new LabelCheck(null, null),
            new LabelCheck(new LabelEncoding(TaskKind.Regression, "y", []), null),
            new LabelCheck(null, new Field("y", ColumnType.Text)),
        })
        {
            Assert.That(
                () => check.Check(id, check.Known is null ? longest : $"0.{new string('1', 1_000)}"),
                Throws.InstanceOf<MlOpsException>().With.Message.Contains("characters"));
        }
    }

    [Test]
    public async Task Label_DefaultId_IsRefused()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);

        await Assert.ThatAsync(
            async () => await workspace.Monitor("any").LabelAsync([new(default, "Yes")]),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("zeros"));
    }
}
