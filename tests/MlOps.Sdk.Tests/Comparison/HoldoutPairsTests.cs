using MlOps.Sdk.Deployment;
using MlOps.Sdk.Metrics;
using MlOps.Sdk.Problem;
using MlOps.Sdk.Processing;
using MlOps.Sdk.Statistics;
using MlOps.Sdk.Storage;
using MlOps.Sdk.Testing;
using MlOps.Sdk.Tracking;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Comparison;

internal sealed class HoldoutPairsTests
{
    private TemporaryWorkspace _temporary = null!;

    private Workspace Workspace => _temporary.Workspace;

    [SetUp]
    public async Task OpenAsync() => _temporary = await TemporaryWorkspace.OpenAsync();

    [TearDown]
    public async Task CloseAsync() => await _temporary.DisposeAsync();

    [Test]
    public async Task CompareAsync_RunsOfOneHoldout_HaveTheDifferenceOfTheSameRows()
    {
        var first = await RunAsync(l2: 1_000);
        var second = await RunAsync(l2: 0.1);

        var comparison = await Workspace.Runs.CompareAsync([first.Id, second.Id]);

        var (a, b) = (await ScoresAsync(first), await ScoresAsync(second));
        var expected = DeLong.Compare(a.Labels.Span, a.Scores.Span, b.Scores.Span);
        var auc = comparison.Paired[0];
        Assert.That(comparison.Unpaired, Is.Empty);
        Assert.That(comparison.Paired.Select(each => each.Metric), Is.EqualTo(new[] { "roc_auc", "log_loss" }));
        Assert.That(comparison.Paired.Select(each => each.IsOptimized), Is.EqualTo(new[] { true, false }));
        Assert.That((auc.Reference, auc.Run, auc.Rows), Is.EqualTo((first.Id, second.Id, first.Deployment!.HoldoutRows)));
        Assert.That(auc.Improvement, Is.EqualTo(expected.Difference));
        Assert.That((auc.Lower, auc.Upper), Is.EqualTo((expected.Interval.Lower, expected.Interval.Upper)));
        Assert.That(auc.PValue, Is.EqualTo(expected.PValue));
        Assert.That(auc.Value, Is.EqualTo(second.Deployment!.Holdout["roc_auc"].Value));
        Assert.That(comparison.ToString(), Does.Contain("On the same rows of the holdout").And.Contain("log_loss"));
        Assert.That(comparison.ToHtml(), Does.Contain("On the same rows of the holdout").And.Contain("DeLong"));
    }

    [Test]
    public async Task CompareAsync_Twice_IsOneLookAtTheHoldout()
    {
        var (first, second) = (await RunAsync(l2: 1_000), await RunAsync(l2: 0.1));

        await Workspace.Runs.CompareAsync([first.Id, second.Id]);
        await Workspace.Runs.CompareAsync([first.Id, second.Id]);

        var looks = (await Workspace.Holdout.ListAsync(SampleLifecycle.Name)).Where(look => look.Purpose.StartsWith("paired"));
        Assert.That(looks.Select(look => look.RunId), Is.EqualTo(new[] { second.Id }));
    }

    [Test]
    public async Task CompareAsync_LaterRowsAndAnotherOrder_AreMatchedByKey()
    {
        var rows = Subscriber.Draw(1_000, seed: 1);
        var first = await RunAsync(l2: 1, rows);

        // Later rows join the holdout; those of before are still in it, in another order.
        var second = await RunAsync(l2: 1, [.. Subscriber.Draw(500, seed: 2), .. rows.Reverse()]);

        var comparison = await Workspace.Runs.CompareAsync([first.Id, second.Id]);

        Assert.That(comparison.Unpaired, Is.Empty);
        Assert.That(comparison.Paired[0].Rows, Is.EqualTo(first.Deployment!.HoldoutRows));
        Assert.That(comparison.Paired[0].ReferenceValue, Is.EqualTo(first.Deployment.Holdout["roc_auc"].Value).Within(1e-12));
        Assert.That(second.Deployment!.HoldoutRows, Is.GreaterThan(first.Deployment.HoldoutRows));
    }

    [Test]
    public async Task CompareAsync_KeysRepeatAndAnotherOrder_PairsRowsOfTheirOwnKeyOnly()
    {
        // Every other customer has two visits, which end differently.
        Visit[] rows = [.. Visits(800, 1), .. Visits(400, 1, flip: true)];
        var first = await RunAsync(l2: 1, rows);
        var second = await RunAsync(l2: 1, [.. rows.Reverse()]);

        var comparison = await Workspace.Runs.CompareAsync([first.Id, second.Id]);

        var once = rows.GroupBy(row => row.Customer).Where(visits => visits.Count() == 1).Sum(visits => visits.Count());
        Assert.That(comparison.Unpaired.Single(), Does.Contain("rows are left out, because their keys repeat"));
        Assert.That(comparison.Paired[0].Rows, Is.GreaterThan(50).And.LessThan(once));
        Assert.That(comparison.Paired[0].Method, Is.EqualTo("DeLong"), "of the others, each has a key of its own");
        Assert.That(comparison.Paired[0].Improvement, Is.Zero.Within(1e-3), "it is the same model");
    }

    [Test]
    public async Task CompareAsync_KeysRepeatInOneHoldout_DrawsKeysAndNotRows()
    {
        // Six visits tell little more than one.
        var rows = Enumerable.Range(0, 6).SelectMany(_ => Visits(400, 1)).ToArray();
        var first = await RunAsync(l2: 1_000, rows);
        var second = await RunAsync(l2: 0.1, rows);

        var comparison = await Workspace.Runs.CompareAsync([first.Id, second.Id]);

        var (a, b) = (await ScoresAsync(first), await ScoresAsync(second));
        var asIfIndependent = MetricComparison.Compare(Metric.LogLoss, a, b);
        var loss = comparison.Paired.Single(each => each.Metric == "log_loss");
        Assert.That(comparison.Unpaired, Is.Empty);
        Assert.That(loss.Method, Is.EqualTo("paired bootstrap of keys"));
        Assert.That(loss.Rows, Is.EqualTo(a.RowCount));
        Assert.That(loss.Improvement, Is.EqualTo(asIfIndependent.Improvement).Within(1e-9));
        Assert.That(
            loss.Upper - loss.Lower,
            Is.EqualTo(Math.Sqrt(6) * (asIfIndependent.Upper - asIfIndependent.Lower)).Within(20).Percent);
    }

    [Test]
    public async Task CompareAsync_FewKeys_HasTheDifferenceWithoutAnInterval()
    {
        var rows = Enumerable.Range(0, 30).SelectMany(_ => Visits(40, 1)).ToArray();
        var first = await RunAsync(l2: 1_000, rows);
        var second = await RunAsync(l2: 0.1, rows);

        var comparison = await Workspace.Runs.CompareAsync([first.Id, second.Id]);

        var auc = comparison.Paired[0];
        Assert.That(auc.Method, Does.StartWith("none: ").And.EndsWith(" keys"));
        Assert.That(comparison.Unpaired.Single(), Does.Contain("have no interval").And.Contain("keys only"));
        Assert.That(new[] { auc.Lower, auc.Upper, auc.PValue }, Is.All.NaN);
        Assert.That(auc.Improvement, Is.Not.NaN);
        Assert.That(comparison.ToString(), Does.Contain("no interval"));
        Assert.That(comparison.ToHtml(), Does.Contain("no interval"));
    }

    [Test]
    public async Task CompareAsync_EqualRowsAndAnotherOrder_AreMatched()
    {
        var rows = Subscriber.Draw(800, seed: 1);
        Subscriber[] twice = [.. rows, .. rows.Take(200)];
        var first = await RunAsync(l2: 1, twice);
        var second = await RunAsync(l2: 1, [.. twice.Reverse()]);

        var comparison = await Workspace.Runs.CompareAsync([first.Id, second.Id]);

        Assert.That(comparison.Unpaired, Is.Empty);
        Assert.That(comparison.Paired[0].Rows, Is.EqualTo(first.Deployment!.HoldoutRows));
        Assert.That(comparison.Paired[0].Method, Is.EqualTo("DeLong"), "equal rows are no rows of one customer");
    }

    [Test]
    public async Task CompareAsync_NothingInCommon_SaysWhy()
    {
        var first = await RunAsync(l2: 1);
        var other = await RunAsync(l2: 1, Subscriber.Draw(1_000, seed: 2));
        await using var experiment = await Workspace.StartRunAsync("notebook");
        await experiment.CompleteAsync();
        var trained = await Begin(l2: 10).Build().RunAsync(Workspace);

        var comparison = await Workspace.Runs.CompareAsync([first.Id, other.Id, experiment.Id, trained.Id]);

        Assert.That(comparison.Paired, Is.Empty);
        Assert.That(comparison.Unpaired, Has.Count.EqualTo(3));
        Assert.That(comparison.Unpaired[0], Does.Contain(other.Id).And.Contain("in the holdout of both"));
        Assert.That(comparison.Unpaired[1], Does.Contain("is not of a lifecycle"));
        Assert.That(comparison.Unpaired[2], Does.Contain("was not evaluated on a holdout"));
        Assert.That(comparison.ToString(), Does.Contain(comparison.Unpaired[2]));
        Assert.That(comparison.ToHtml(), Does.Contain("was not evaluated on a holdout"));
    }

    [Test]
    public async Task CompareAsync_ScoresAreLost_SaysSo()
    {
        var (first, second) = (await RunAsync(l2: 1_000), await RunAsync(l2: 0.1));
        await Workspace.Files.DeleteAnywayAsync(second.Record.OutputOf(LifecycleStage.Deployment, HoldoutScores.Name), default);

        var comparison = await Workspace.Runs.CompareAsync([first.Id, second.Id]);

        Assert.That(comparison.Paired, Is.Empty);
        Assert.That(comparison.Unpaired.Single(), Does.Contain("are lost").And.Contain("missing"));
    }

    [Test]
    public async Task CompareAsync_MetricOfOnesOwn_SaysThatItsRecordDoesNotTell()
    {
        var first = await Begin(l2: 1, new Own()).Deployed().Build().RunAsync(Workspace);
        var second = await Begin(l2: 100, new Own()).Deployed().Build().RunAsync(Workspace);

        var comparison = await Workspace.Runs.CompareAsync([first.Id, second.Id]);

        Assert.That(comparison.Unpaired.Single(), Does.Contain("'own'"));
        Assert.That(comparison.Paired.Select(each => each.Metric), Is.EqualTo(new[] { "log_loss" }));
    }

    [Test]
    public void HoldoutScores_Damaged_AreRejected()
    {
        var scores = new HoldoutScores
        {
            Metrics = ["roc_auc", "log_loss"],
            Evaluation = new Evaluation
            {
                Task = TaskKind.BinaryClassification, Labels = new double[] { 0, 1, 1 }, Scores = new[] { 0.1, 0.7, 1 / 3.0 },
                Weights = new double[] { 1, 2, 3 }, Threshold = 0.3, Classes = ["No", "Yes"],
            },
        };
        var bytes = scores.Save();

        var read = HoldoutScores.Read(bytes);

        Assert.That(read.Metrics, Is.EqualTo(scores.Metrics));
        Assert.That(read.Evaluation.Scores.ToArray(), Is.EqualTo(scores.Evaluation.Scores.ToArray()));
        Assert.That(read.Evaluation.Weights.ToArray(), Is.EqualTo(scores.Evaluation.Weights.ToArray()));
        Assert.That((read.Evaluation.Threshold, read.Evaluation.Task), Is.EqualTo((0.3, TaskKind.BinaryClassification)));
        Assert.That(read.Evaluation.Classes, Is.EqualTo(scores.Evaluation.Classes));
        for (var length = 0; length < bytes.Length; length++)
        {
            Assert.That(() => HoldoutScores.Read(bytes.AsSpan(0, length)), Throws.TypeOf<MlOpsException>());
        }
        Assert.That(() => HoldoutScores.Read([.. bytes, 1]), Throws.TypeOf<MlOpsException>());
    }

    private static LifecycleBuilder Begin(double l2, IMetric? primary = null, Subscriber[]? rows = null) =>
        LifecycleBuilder.Create(SampleLifecycle.Name)
            .DefineProblem(problem => problem.BinaryClassification("left", positive: "Yes"))
            .CollectData(data => data.FromObjects(rows ?? Subscriber.Draw(1_000, seed: 1)))
            .ProcessData(data => data.Split(test: 0.25))
            .DefineMetrics(metrics => metrics.Optimize(primary ?? Metric.RocAuc).Report(Metric.LogLoss, Metric.F1))
            .TrainModel(training => training
                .Try(Trainers.LogisticRegression(), search => search.Fix("l2", l2)).CrossValidate(2).Trials(0));

    private Task<LifecycleRun> RunAsync(double l2, Subscriber[]? rows = null) =>
        Begin(l2, null, rows).Deployed().Build().RunAsync(Workspace);

    private Task<LifecycleRun> RunAsync(double l2, Visit[] rows) => LifecycleBuilder.Create("visits")
        .DefineProblem(problem => problem.BinaryClassification("left", positive: "Yes"))
        .CollectData(data => data.FromObjects(rows))
        .ProcessData(data => data.Split(test: 0.5, "customer"))
        .DefineMetrics(metrics => metrics.Optimize(Metric.RocAuc).Report(Metric.LogLoss))
        .EngineerFeatures(features => features.Auto(except: ["customer"]))
        .TrainModel(training => training
            .Try(Trainers.LogisticRegression(), search => search.Fix("l2", l2)).CrossValidate(2).Trials(0))
        .Deployed().Build().RunAsync(Workspace);

    private static IEnumerable<Visit> Visits(int customers, int seed, bool flip = false)
    {
        var random = new Random(seed);
        for (var i = 0; i < customers; i++)
        {
            var spend = random.NextDouble();
            var leaves = random.NextDouble() < spend != flip;
            yield return new Visit(flip ? $"c{2 * i}" : $"c{i}", flip ? 1 - spend : spend, leaves ? "Yes" : "No");
        }
    }

    private async Task<Evaluation> ScoresAsync(LifecycleRun run) => HoldoutScores.Read(
        await Workspace.Artifacts.ReadAllAsync(run.Record.OutputOf(LifecycleStage.Deployment, HoldoutScores.Name))).Evaluation;

    private sealed record Visit(string Customer, double Spend, string Left);

    private sealed class Own : IMetric
    {
        public string Name => "own";

        public Direction Direction => Direction.Up;

        public MetricNeeds Needs => MetricNeeds.Scores;

        public MetricValue Compute(Evaluation evaluation) => Metric.RocAuc.Compute(evaluation);
    }
}
