using MlOps.Sdk.Deployment;
using MlOps.Sdk.Metrics;
using MlOps.Sdk.Problem;
using MlOps.Sdk.Processing;
using MlOps.Sdk.Testing;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Deployment;

/// <summary>The gate against the live version, where rows have one key: those of one customer are no independent draws.</summary>
internal sealed class KeyedRowsTests
{
    // The confidence of the first comparison of a lifecycle.
    private const double Error = 0.05 * 6 / (Math.PI * Math.PI);
    private const int Rounds = 300;

    [Test]
    public void Compare_KeysRepeat_CoversTheTrueDifferenceAsOftenAsItSays()
    {
        var random = new Random(11);
        int missed = 0, missedByRows = 0;
        for (var round = 0; round < Rounds; round++)
        {
            var (champion, challenger, units) = Draw(random, keys: 60, rowsPerKey: 6);
            var byKeys = KeyedRows.Compare(Metric.Mae, champion, challenger, units, 1 - Error, round, CancellationToken.None);
            var byRows = KeyedRows.Compare(Metric.Mae, champion, challenger, null, 1 - Error, round, CancellationToken.None);
            if (byKeys.Lower > 0 || byKeys.Upper < 0) missed++;
            if (byRows.Lower > 0 || byRows.Upper < 0) missedByRows++;
            Assert.That(byKeys.Method, Is.EqualTo("paired bootstrap of keys"));
        }

        Assert.That(missed, Is.LessThanOrEqualTo(BinomialBound.Most(Rounds, Error)), "of 300");
        Assert.That(missedByRows, Is.GreaterThan(Rounds / 5), "drawing rows instead would promote by chance");
    }

    [Test]
    public async Task Run_KeysRepeat_JudgesTheChallengerByKeys()
    {
        await using var temporary = await TemporaryWorkspace.OpenAsync();
        var rows = Enumerable.Range(0, 6).SelectMany(_ => Visits(400)).ToArray();
        var first = await RunAsync(temporary.Workspace, l2: 1_000, rows);
        var second = await RunAsync(temporary.Workspace, l2: 0.1, rows);

        var judged = second.Deployment!.Comparison!;

        var (a, b) = (await ScoresAsync(temporary.Workspace, first), await ScoresAsync(temporary.Workspace, second));
        var asIfIndependent = MetricComparison.Compare(Metric.RocAuc, a, b, judged.Level);
        Assert.That(judged.Rows, Is.EqualTo(a.RowCount));
        Assert.That(judged.Difference, Is.EqualTo(asIfIndependent.Improvement).Within(1e-9));
        Assert.That(
            judged.Upper - judged.Lower,
            Is.EqualTo(Math.Sqrt(6) * (asIfIndependent.Upper - asIfIndependent.Lower)).Within(25).Percent,
            "six visits tell no more than one");
    }

    [Test]
    public async Task Run_FewKeys_CannotBeCompared()
    {
        await using var temporary = await TemporaryWorkspace.OpenAsync();
        var rows = Enumerable.Range(0, 30).SelectMany(_ => Visits(40)).ToArray();
        await RunAsync(temporary.Workspace, l2: 1_000, rows);
        var second = await RunAsync(temporary.Workspace, l2: 0.1, rows);

        Assert.That(second.Deployment!.IsDeployed, Is.False);
        Assert.That(second.Deployment.Reason, Does.Contain("keys only, and rows of one key are not independent"));
    }

    [Test]
    public void UnitsOf_EachRowHasItsOwnKey_AreNone()
    {
        RowKey[] keys = [new(0, 1), new(0, 2), new(0, 1), new(0, 3)];

        Assert.That(KeyedRows.UnitsOf(keys), Is.EqualTo(new[] { new[] { 0, 2 }, [1], [3] }));
        Assert.That(KeyedRows.UnitsOf([new(0, 1), new(0, 2)]), Is.Null);
    }

    // Both models are off by 1 in the mean. What the challenger is off by depends on the key, and little on the row.
    private static (Evaluation Champion, Evaluation Challenger, IReadOnlyList<int[]> Units) Draw(Random random, int keys, int rowsPerKey)
    {
        var scores = new double[keys * rowsPerKey];
        var units = new int[keys][];
        for (var key = 0; key < keys; key++)
        {
            var off = random.NextDouble() - 0.5;
            units[key] = [.. Enumerable.Range(key * rowsPerKey, rowsPerKey)];
            foreach (var row in units[key]) scores[row] = 1 + off + 0.2 * (random.NextDouble() - 0.5);
        }

        return (Of(Enumerable.Repeat(1.0, scores.Length)), Of(scores), units);

        static Evaluation Of(IEnumerable<double> values)
        {
            double[] all = [.. values];
            return new Evaluation { Task = TaskKind.Regression, Labels = new double[all.Length], Scores = all };
        }
    }

    private static Task<LifecycleRun> RunAsync(Workspace workspace, double l2, Visit[] rows) => LifecycleBuilder.Create("visits")
        .DefineProblem(problem => problem.BinaryClassification("left", positive: "Yes"))
        .CollectData(data => data.FromObjects(rows))
        .ProcessData(data => data.Split(test: 0.5, "customer"))
        .DefineMetrics(metrics => metrics.Optimize(Metric.RocAuc))
        .EngineerFeatures(features => features.Auto(except: ["customer"]))
        .TrainModel(training => training
            .Try(Trainers.LogisticRegression(), search => search.Fix("l2", l2)).CrossValidate(2).Trials(0))
        .Deployed().Build().RunAsync(workspace);

    private static async Task<Evaluation> ScoresAsync(Workspace workspace, LifecycleRun run) => HoldoutScores.Read(
        await workspace.Artifacts.ReadAllAsync(run.Record.OutputOf(LifecycleStage.Deployment, HoldoutScores.Name))).Evaluation;

    private static IEnumerable<Visit> Visits(int customers)
    {
        var random = new Random(1);
        for (var i = 0; i < customers; i++)
        {
            var (spend, calls) = (random.NextDouble(), random.NextDouble());
            yield return new Visit($"c{i}", spend, calls, random.NextDouble() < 0.2 + 0.6 * spend ? "Yes" : "No");
        }
    }

    private sealed record Visit(string Customer, double Spend, double Calls, string Left);
}
