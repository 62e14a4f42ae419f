using Microsoft.Extensions.Logging;
using MlOps.Sdk.Data;
using MlOps.Sdk.Problem;
using MlOps.Sdk.Tracking;
using NUnit.Framework;

namespace MlOps.Sdk.Tests;

/// <summary>
/// What a user of a lifecycle sees of malformed input: the stage, where it is, and the remedy; and nothing that was there before is lost.
/// </summary>
[TestFixture]
public sealed class BadInputTests
{
    private const string Header = "age,spend,left\n";

    [TestCase("ragged row", Header + "30,1.5,Yes\n40,2.5\n", 3L, null, "2 fields")]
    [TestCase("empty file", "", null, null, "empty")]
    [TestCase("header only", Header, null, null, "no rows")]
    [TestCase("duplicate header", "age,age,left\n1,2,Yes\n", 1L, "age", "age")]
    [TestCase("unterminated quote", Header + "30,1.5,\"Yes\n", null, null, "quote")]
    public async Task Run_MalformedFile_NamesFileLineAndRemedy(string what, string content, long? line, string? column, string says)
    {
        using var folder = new TempFolder();
        var failure = await FailAsync(folder, content);

        Assert.Multiple(() =>
        {
            Assert.That(failure.Stage, Is.EqualTo(LifecycleStage.Collection), what);
            Assert.That(failure.DataSource, Is.EqualTo("data.csv"));
            Assert.That(failure.Remedy, Is.Not.Empty);
            Assert.That(failure.Message, Does.Contain(says).IgnoreCase);
            if (line is not null) Assert.That(failure.Line, Is.EqualTo(line));
            if (column is not null) Assert.That(failure.Column, Is.EqualTo(column));
        });
    }

    [Test]
    public async Task Run_TextInANumberColumn_NamesLineColumnAndValue()
    {
        using var folder = new TempFolder();
        var schema = new Schema(
            new Field("age", ColumnType.Integer), new Field("spend", ColumnType.Number), new Field("left", ColumnType.Text));

        var failure = await FailAsync(folder, Header + "30,1.5,Yes\n40,plenty,No\n", schema);

        Assert.Multiple(() =>
        {
            Assert.That(failure.Line, Is.EqualTo(3));
            Assert.That(failure.Column, Is.EqualTo("spend"));
            Assert.That(failure.Message, Does.Contain("plenty"));
        });
    }

    [Test]
    public async Task Run_MissingLabelColumn_ListsTheColumns()
    {
        using var folder = new TempFolder();

        var failure = await FailAsync(folder, "age,spend,lefd\n30,1.5,Yes\n40,2,No\n");

        Assert.Multiple(() =>
        {
            Assert.That(failure.Stage, Is.EqualTo(LifecycleStage.Processing));
            Assert.That(failure.Message, Does.Contain("left").And.Contain("lefd"));
        });
    }

    [Test]
    public async Task Run_ProtectedColumnThatDoesNotExist_FailsWhenTheRowsAreProcessed()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        var lifecycle = LifecycleBuilder.Create("bad")
            .DefineProblem(problem => problem.BinaryClassification("left", "Yes").Protect("abrod"))
            .CollectData(data => data.FromObjects(Subscriber.Draw(100, 1)))
            .Build();

        var failure = (await Assert.CatchAsync<MlOpsException>(async () => await lifecycle.RunAsync(workspace)))!;

        Assert.Multiple(() =>
        {
            Assert.That((failure.Stage, failure.Column), Is.EqualTo((LifecycleStage.Processing, "abrod")));
            Assert.That(failure.Message, Does.Contain("Did you mean 'abroad'?"));
        });
    }

    [Test]
    public async Task Run_MetricByAColumnThatDoesNotExist_FailsBeforeAnythingIsFitted()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        var lifecycle = LifecycleBuilder.Create("bad")
            .DefineProblem(problem => problem.BinaryClassification("left", "Yes"))
            .CollectData(data => data.FromObjects(Subscriber.Draw(100, 1)))
            .DefineMetrics(metrics => metrics.Optimize(Metric.RocAuc).Guard(Fairness.EqualOpportunityDifference("abrod"), atMost: 0.2))
            .TrainModel(training => training.Try(Trainers.LogisticRegression()))
            .Build();

        var failure = (await Assert.CatchAsync<MlOpsException>(async () => await lifecycle.RunAsync(workspace)))!;

        Assert.Multiple(() =>
        {
            Assert.That((failure.Stage, failure.Column), Is.EqualTo((LifecycleStage.Metrics, "abrod")));
            Assert.That(failure.Message, Does.Contain("Did you mean 'abroad'?"));
        });
    }

    [TestCase("age;spend;left", "';'")]
    [TestCase("age\tspend\tleft", "a tab")]
    public async Task Run_OtherDelimiter_NamesTheOption(string header, string says)
    {
        using var folder = new TempFolder();

        var failure = await FailAsync(folder, header + "\n30 1 Yes\n40 2 No\n");

        Assert.That(failure.Remedy, Does.Contain(says).And.Contain("CsvOptions.Delimiter"));
    }

    [Test]
    public async Task Run_NumericOverAColumnThatAFewValuesMakeText_NamesThem()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder["workspace"]);
        var path = folder["data.csv"];
        await File.WriteAllTextAsync(path, "age,spend,left\n" + string.Concat(
            Enumerable.Range(0, 400).Select(i => $"{i},{(i % 50 == 7 ? "NA" : $"{i}.5")},{(i % 3 == 0 ? "Yes" : "No")}\n")));
        var lifecycle = LifecycleBuilder.Create("bad")
            .DefineProblem(problem => problem.BinaryClassification("left", "Yes"))
            .CollectData(data => data.FromCsv(path))
            .EngineerFeatures(features => features.Numeric(["age", "spend"]))
            .TrainModel(training => training.Try(Trainers.LogisticRegression()))
            .Build();

        var failure = (await Assert.CatchAsync<MlOpsException>(async () => await lifecycle.RunAsync(workspace)))!;

        Assert.That(failure.Message, Does.Contain("'NA'").And.Contain("CsvOptions.NullTokens"));
    }

    [Test]
    public async Task Run_FewValuesMakeAColumnText_IsAWarning()
    {
        using var folder = new TempFolder();
        using var logs = new Logs();
        await using var workspace = await Workspace.OpenAsync(folder["workspace"], options => options.LoggerFactory = logs);
        var path = folder["data.csv"];
        await File.WriteAllTextAsync(
            path,
            "age,left\n" + string.Concat(Enumerable.Range(0, 100).Select(i => $"{(i == 40 ? "NA" : i)},Yes\n")));

        await LifecycleBuilder.Create("strays").CollectData(data => data.FromCsv(path)).Build().RunAsync(workspace);

        Assert.That(logs.Warnings, Has.Count.EqualTo(1).And.One.Contains("column 'age' is text because of 'NA' in line 42; add"));
    }

    [Test]
    public async Task Run_ClassesThatDifferInBlanksOrCaseOnly_AreNoted()
    {
        using var folder = new TempFolder();
        using var logs = new Logs();
        await using var workspace = await Workspace.OpenAsync(folder["workspace"], options => options.LoggerFactory = logs);
        string[] classes = ["Gold", "gold ", "Silver"];
        LifecycleBuilder Begin(string name, Action<ProblemBuilder> problem) => LifecycleBuilder.Create(name)
            .DefineProblem(problem)
            .CollectData(data => data.FromObjects(Enumerable.Range(0, 300).Select(i => new { X = i, Plan = classes[i % 3] }).ToArray()));

        var run = await Begin("plans", problem => problem.MulticlassClassification("plan")).Build().RunAsync(workspace);
        var mended = await Begin("mended", problem => problem.MulticlassClassification("plan"))
            .ProcessData(data => data.NormalizeText("plan")).Build().RunAsync(workspace);
        var binary = (await Assert.CatchAsync<MlOpsException>(
            async () => await Begin("two", problem => problem.BinaryClassification("plan", "Gold")).Build().RunAsync(workspace)))!;

        const string says = "The classes 'Gold', 'gold ' differ only in blanks or in the case of letters";
        Assert.Multiple(() =>
        {
            Assert.That(run.Processing!.Notes, Has.One.Contains(says).And.One.Contains("NormalizeText(\"plan\")"));
            Assert.That(logs.Warnings, Has.One.Contains(says));
            Assert.That(run.ToString(), Does.Contain($"  Note: {says}"));
            Assert.That(mended.Processing!.Notes, Is.Empty);
            Assert.That(binary.Message, Does.Contain("3 classes").And.Contain(says));
        });
    }

    [Test]
    public async Task Run_SeveralMisspeltFeatures_AreNamedTogether()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        var lifecycle = SampleLifecycle.Begin(features: features => features.Numeric(["agee", "spent"])).Build();

        var failure = (await Assert.CatchAsync<MlOpsException>(async () => await lifecycle.RunAsync(workspace)))!;

        Assert.That(failure.Message, Does.Contain("'agee', 'spent'").And.Contain("did you mean 'age'").And.Contain("did you mean 'spend'"));
    }

    [Test]
    public async Task Run_OneClassOnly_NamesTheClass()
    {
        using var folder = new TempFolder();

        var failure = await FailAsync(folder, Header + string.Concat(Enumerable.Range(0, 50).Select(i => $"{i},{i}.5,Yes\n")));

        Assert.That(failure.Message, Does.Contain("Yes").And.Contain("one class"));
    }

    [Test]
    public async Task Run_PathThatDoesNotExist_NamesIt()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder["workspace"]);

        var failure = (await Assert.CatchAsync<MlOpsException>(async () => await Build(folder["nowhere.csv"], null).RunAsync(workspace)))!;

        Assert.That(failure.Message, Does.Contain("nowhere.csv"));
    }

    [Test]
    public async Task Run_FailureAfterASuccess_LosesNothing()
    {
        using var folder = new TempFolder();
        var path = folder["data.csv"];
        await using var workspace = await Workspace.OpenAsync(folder["workspace"]);
        await File.WriteAllTextAsync(
            path,
            "age,spend,plan,abroad,left\n" + string.Concat(Subscriber.Draw(400, 1)
                .Select(row => FormattableString.Invariant($"{row.Age},{row.Spend},{row.Plan},{row.Abroad},{row.Left}\n"))));
        var lifecycle = LifecycleBuilder.Create("bad")
            .DefineProblem(problem => problem.BinaryClassification("left", "Yes"))
            .CollectData(data => data.FromCsv(path))
            .TrainModel(training => training.Try(Trainers.LogisticRegression()).CrossValidate(2).Trials(0))
            .DeployModel(deployment => deployment.ToProcess())
            .Build();
        await lifecycle.RunAsync(workspace);
        await File.AppendAllTextAsync(path, "30\n");

        Assert.That(async () => await lifecycle.RunAsync(workspace), Throws.TypeOf<MlOpsException>());

        Assert.Multiple(async () =>
        {
            Assert.That((await workspace.Runs.LatestAsync("bad"))!.State, Is.EqualTo(RunState.Failed));
            Assert.That(
                workspace.Endpoint<UnlabelledSubscriber, Answer>("bad").Version, Is.EqualTo(1), "the version before goes on serving");
            Assert.That((await workspace.Audit.VerifyAsync()).IsIntact, Is.True);
        });
    }

    private sealed class Logs : ILoggerFactory, ILogger
    {
        public List<string> Warnings { get; } = [];

        public ILogger CreateLogger(string categoryName) => this;

        public void AddProvider(ILoggerProvider provider)
        {
        }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel == LogLevel.Warning;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            lock (Warnings) Warnings.Add(formatter(state, exception));
        }

        public void Dispose()
        {
        }
    }

    private static async Task<MlOpsException> FailAsync(TempFolder folder, string content, Schema? schema = null)
    {
        var path = folder["data.csv"];
        await File.WriteAllTextAsync(path, content);
        await using var workspace = await Workspace.OpenAsync(folder["workspace"]);
        var failure = (await Assert.CatchAsync<MlOpsException>(async () => await Build(path, schema).RunAsync(workspace)))!;
        Assert.That((await workspace.Runs.LatestAsync("bad"))!.State, Is.EqualTo(RunState.Failed));
        return failure;
    }

    private static Lifecycle Build(string path, Schema? schema) => LifecycleBuilder.Create("bad")
        .DefineProblem(problem => problem.BinaryClassification("left", "Yes"))
        .CollectData(data => data.FromCsv(path, options => options.Schema = schema))
        .TrainModel(training => training.Try(Trainers.LogisticRegression()).CrossValidate(2).Trials(0))
        .Build();
}
