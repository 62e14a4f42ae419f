using System.Text;
using System.Text.Json.Nodes;
using MlOps.Sdk.Data;
using MlOps.Sdk.Tracking;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Exchange;

[TestFixture]
internal sealed class MlflowExportTests
{
    private TempFolder _folder = null!;
    private Workspace _workspace = null!;
    private FakeMlflow _server = null!;
    private List<string> _log = null!;

    [SetUp]
    public async Task OpenAsync()
    {
        _folder = new TempFolder();
        _log = [];
        _workspace = await Workspace.OpenAsync(_folder.Path, options =>
        {
            options.Actor = "sara";
            options.Time = new ShortPauses();
            options.LoggerFactory = new LogWatcher(_ => { }, line => _log.Add(line));
        });
        _server = new FakeMlflow();
    }

    [TearDown]
    public async Task CloseAsync()
    {
        await _server.DisposeAsync();
        await _workspace.DisposeAsync();
        _folder.Dispose();
    }

    [Test]
    public async Task ExportToMlflowAsync_Runs_AreThereAsTheyAreHere()
    {
        string parent, child;
        await using (var run = await _workspace.StartRunAsync("churn"))
        {
            parent = run.Id;
            await run.LogParameterAsync("leaves", 31);
            run.LogMetric("loss", 0.5, 1);
            run.LogMetric("loss", double.NaN, 2);
            run.LogMetric("loss", double.NegativeInfinity, 3);
            await run.SetTagAsync("team", "retention");
            await run.AddNoteAsync("looks good");
            await run.LogArtifactAsync("plots/roc curve.svg", "<svg/>"u8.ToArray());
            await run.LogDatasetAsync("customers", Rows());
            await using (var fold = await run.StartChildAsync("fold"))
            {
                child = fold.Id;
                await fold.CompleteAsync();
            }
            await run.CompleteAsync();
        }

        var report = await _workspace.ExportToMlflowAsync(Options());

        var sent = _server.OfRun(parent);
        var here = await _workspace.Runs.DetailsAsync(parent);
        Assert.That((report.Created, report.Continued, report.Unchanged, report.Metrics, report.Artifacts), Is.EqualTo((2, 0, 0, 3L, 3)));
        Assert.That(_server.NameOf(sent), Is.EqualTo("churn"));
        Assert.That((sent.Status, sent.StartTime, sent.EndTime), Is.EqualTo((
            "FINISHED", here.Run.StartedAt.ToUnixTimeMilliseconds(), here.Run.EndedAt!.Value.ToUnixTimeMilliseconds())));
        Assert.That(sent.Parameters["leaves"], Is.EqualTo("31"));
        Assert.That(
            sent.Metrics.Select(each => (each.Key, each.Value, each.Step)),
            Is.EqualTo(new[] { ("loss", 0.5, 1L), ("loss", double.NaN, 2L), ("loss", double.NegativeInfinity, 3L) }));
        Assert.That(sent.Tags["team"], Is.EqualTo("retention"));
        Assert.That(sent.Tags["mlflow.note.content"], Does.EndWith("sara: looks good"));
        Assert.That(sent.Tags["mlflow.runName"], Is.EqualTo(parent));
        Assert.That(sent.Tags["mlflow.source.git.commit"], Is.EqualTo(here.Environment!.GitCommit));
        Assert.That(sent.Datasets, Is.EqualTo(new[] { ("customers", "training") }));
        Assert.That(_server.OfRun(child).Tags["mlflow.parentRunId"], Is.EqualTo(sent.Id));
        Assert.That(_server.NameOf(_server.OfRun(child)), Is.EqualTo("churn"), "MLflow nests runs of one experiment only");
        var root = $"{sent.Experiment}/{sent.Id}/artifacts";
        Assert.That(Encoding.UTF8.GetString(_server.Artifacts[$"{root}/plots/roc curve.svg"]), Is.EqualTo("<svg/>"));
        Assert.That((string?)JsonNode.Parse(_server.Artifacts[$"{root}/mlops/run.json"])!["run"]!["id"], Is.EqualTo(parent));
    }

    [Test]
    public async Task ExportToMlflowAsync_Again_SendsNothingTwiceAndWhatIsNew()
    {
        var id = await LogAsync();
        await _workspace.ExportToMlflowAsync(Options());
        var (requests, points) = (_server.Requests.Count, _server.OfRun(id).Metrics.Count);

        var second = await _workspace.ExportToMlflowAsync(Options());
        Assert.That((second.Created, second.Continued, second.Unchanged, second.Metrics), Is.EqualTo((0, 0, 1, 0L)));
        Assert.That(_server.Requests, Has.Count.EqualTo(requests + 2), "the experiment and the run are looked up");
        await _workspace.Runs.SetTagAsync(id, "phase", "two");
        var third = await _workspace.ExportToMlflowAsync(Options());

        Assert.That((third.Created, third.Continued), Is.EqualTo((0, 1)));
        Assert.That(_server.Runs, Has.Count.EqualTo(1));
        Assert.That(_server.OfRun(id).Tags["phase"], Is.EqualTo("two"));
        Assert.That(_server.OfRun(id).Metrics.Distinct().Count(), Is.EqualTo(points));
    }

    [Test]
    public async Task ExportToMlflowAsync_Search_HasEachTrialOnceBelowItsRunWithItsFoldsAndTheVersionsOfTheRun()
    {
        var run = (await SampleLifecycle.Begin(
            Subscriber.Draw(400, seed: 1),
            training => training.Try(Trainers.LogisticRegression()).Try(Trainers.LogisticRegression()).CrossValidate(2).Trials(0))
            .Deployed().Build().RunAsync(_workspace)).Record.Id;
        await _workspace.Models.SetTagAsync(SampleLifecycle.Name, "team", "retention", 1);
        await _workspace.Models.DescribeAsync(SampleLifecycle.Name, "who leaves", 1);

        var report = await _workspace.ExportToMlflowAsync(Options());
        var trials = await _workspace.ExportToMlflowAsync(Options(), RunFilter.Parse("kind = \"Trial\""));
        var folds = await _workspace.ExportToMlflowAsync(Options(), RunFilter.Parse("kind = \"Fold\""));

        Assert.That((report.Created, trials.Created, trials.Unchanged), Is.EqualTo((3, 0, 2)), "a run and 2 trials");
        Assert.That((folds.Created, folds.Continued, folds.Unchanged), Is.EqualTo((0, 0, 2)), "a fold is sent with its trial");
        Assert.That(_server.Runs.Values.Select(sent => sent.Tags["mlops.run_id"]), Is.Unique);
        foreach (var found in await _workspace.Runs.SearchAsync("kind = \"Trial\""))
        {
            var sent = _server.OfRun(found.Id);
            Assert.That(sent.Tags["mlflow.parentRunId"], Is.EqualTo(_server.OfRun(run).Id));
            Assert.That(found.Tags.Keys.Except(sent.Tags.Keys), Is.Empty);
            Assert.That(sent.Metrics, Is.Unique);
            foreach (var fold in await _workspace.Runs.SearchAsync($"kind = \"Fold\" and parent = \"{found.Id}\""))
            {
                var number = long.Parse(fold.Parameters["fold"], System.Globalization.CultureInfo.InvariantCulture);
                Assert.That(fold.Metrics, Is.Not.Empty);
                foreach (var (name, value) in fold.Metrics)
                {
                    var point = sent.Metrics.Single(each => each.Key == $"fold.{name}" && each.Step == number);
                    Assert.That(point.Value, Is.EqualTo(value));
                }
            }
        }
        var tags = _server.OfRun(run).Tags;
        Assert.That(
            (tags["mlops.versions"], tags["mlops.tag.subscribers.1.team"], tags["mlops.description.subscribers.1"]),
            Is.EqualTo(("subscribers/1", "retention", "who leaves")));

        await _workspace.Models.SetTagAsync(SampleLifecycle.Name, "team", "sales", 1);
        Assert.That((await _workspace.ExportToMlflowAsync(Options())).Continued, Is.EqualTo(1));
        Assert.That(_server.OfRun(run).Tags["mlops.tag.subscribers.1.team"], Is.EqualTo("sales"));
    }

    [Test]
    public async Task ExportToMlflowAsync_ManyRuns_SendsSeveralAtOnceAndEachOnce()
    {
        for (var i = 0; i < 9; i++) await LogAsync($"lifecycle-{i % 2}", content: (byte)i);
        using var client = new HttpClient(new Crowd(3));

        var report = await _workspace.ExportToMlflowAsync(Options(options => (options.Client, options.Concurrency) = (client, 3)));
        var again = await _workspace.ExportToMlflowAsync(Options());

        Assert.That((report.Created, report.Metrics, again.Created, again.Unchanged), Is.EqualTo((9, 27L, 0, 9)));
        Assert.That(_server.Runs.Values.Select(sent => sent.Tags["mlops.run_id"]), Is.Unique);
        Assert.That(_server.Runs.Values.Select(_server.NameOf).Distinct(), Has.Exactly(2).Items);
    }

    [Test]
    public async Task ExportToMlflowAsync_OneOfManyMeetsAClosedDoor_EndsAllWithThatErrorAndGoesOnLater()
    {
        for (var i = 0; i < 12; i++) await LogAsync(content: (byte)i);
        var creations = 0;
        _server.Trouble = request => request.Url.AbsolutePath.EndsWith("runs/create", StringComparison.Ordinal) && ++creations == 5
            ? (401, """{"error_code":"X","message":"who?"}""")
            : null;

        var failure = await Assert.ThrowsAsync<MlOpsException>(async () => await _workspace.ExportToMlflowAsync(Options()));
        var there = _server.Runs.Count;
        _server.Trouble = _ => null;
        var report = await _workspace.ExportToMlflowAsync(Options());

        Assert.That(failure!.Problem, Does.Contain("answered 401 to 'runs/create': who?"));

        // What was on its way when the export ended may have arrived all the same.
        Assert.That(report.Created, Is.InRange(12 - there - 3, 12 - there));
        Assert.That(_server.Runs, Has.Count.EqualTo(12));
        Assert.That(_server.Runs.Values.Select(sent => sent.Metrics.Distinct().Count()), Is.All.EqualTo(3));
        Assert.That(_server.Runs.Values.Select(sent => sent.Status), Is.All.EqualTo("FINISHED"));
    }

    [TestCase(0)]
    [TestCase(33)]
    public void ExportToMlflowAsync_ConcurrencyOutOfRange_IsAMistake(int concurrency) => Assert.That(
        async () => await _workspace.ExportToMlflowAsync(Options(options => options.Concurrency = concurrency)),
        Throws.TypeOf<ArgumentOutOfRangeException>());

    [TestCase("runs/create", 503)]
    [TestCase("runs/log-batch", 429)]
    [TestCase("experiments/create", 500)]
    [TestCase("mlflow-artifacts", 502)]
    public async Task ExportToMlflowAsync_AnswerIsLost_IsRepeatedAndMakesNothingTwice(string path, int status)
    {
        var id = await LogAsync();
        var failed = 0;
        _server.DoesIt = true;
        _server.Trouble = request => request.Url.AbsolutePath.Contains(path, StringComparison.Ordinal) && failed++ < 2
            ? (status, "busy")
            : null;

        var report = await _workspace.ExportToMlflowAsync(Options());

        Assert.That(failed, Is.GreaterThanOrEqualTo(path.EndsWith("create", StringComparison.Ordinal) ? 1 : 2));
        Assert.That(_server.Runs, Has.Count.EqualTo(1));
        Assert.That(report.Metrics, Is.EqualTo(3));
        Assert.That(_server.OfRun(id).Status, Is.EqualTo("FINISHED"));
    }

    [Test]
    public async Task ExportToMlflowAsync_WasEndedInTheMiddle_IsContinued()
    {
        var id = await LogAsync(points: 2_000);
        var batches = 0;
        _server.Trouble = request => request.Url.AbsolutePath.EndsWith("log-batch", StringComparison.Ordinal)
            && JsonNode.Parse(request.Body)!["metrics"]!.AsArray().Count > 0 && batches++ == 2
                ? (400, """{"error_code":"INVALID_PARAMETER_VALUE","message":"not now"}""")
                : null;

        var first = await _workspace.ExportToMlflowAsync(Options());
        Assert.That(first.Refused.Single().Problem, Does.Contain("answered 400 to 'runs/log-batch': not now"));
        _server.Trouble = _ => null;
        var report = await _workspace.ExportToMlflowAsync(Options());

        Assert.That((report.Created, report.Continued), Is.EqualTo((0, 1)));
        Assert.That(_server.OfRun(id).Metrics.Distinct().Count(), Is.EqualTo(2_000));
        Assert.That(_server.OfRun(id).Status, Is.EqualTo("FINISHED"));
    }

    [Test]
    public async Task ExportToMlflowAsync_LongAndManyTexts_KeepTheLimitsOfMlflow()
    {
        string id;
        await using (var run = await _workspace.StartRunAsync("wide"))
        {
            id = run.Id;
            await run.LogParametersAsync(Enumerable.Range(0, 120).Select(
                i => new KeyValuePair<string, object?>($"p{i}", new string('ä', 9_000))));
            for (var i = 0; i < 130; i++) await run.SetTagAsync($"t{i}", i == 0 ? new string('x', 9_000) : "x");
            for (var i = 0; i < 2_500; i++) run.LogMetric("m", i, i);
            await run.LogParameterAsync("a/../b", 1);
            await run.LogParameterAsync("größe @ 50%", 1);
            await run.CompleteAsync();
        }

        var report = await _workspace.ExportToMlflowAsync(Options());

        var sent = _server.OfRun(id);
        Assert.That(sent.Parameters, Has.Count.EqualTo(122));
        Assert.That(sent.Parameters["p7"], Has.Length.EqualTo(500).And.EndsWith("…"));
        Assert.That(sent.Metrics, Has.Count.EqualTo(2_500));
        Assert.That(report.Cut, Is.EqualTo(121));
        Assert.That(sent.Parameters.Keys.Select(MlflowText.Read), Does.Contain("größe @ 50%").And.Contain("a/../b"));
        Assert.That(
            _server.Requests.Where(request => request.Url.AbsolutePath.Contains("log-batch", StringComparison.Ordinal))
                .Max(request => request.Body.Length),
            Is.LessThan(1_000_000));
    }

    [Test]
    public async Task ExportToMlflowAsync_FilterAndExperiment_SendThoseRunsThere()
    {
        await LogAsync("a");
        var id = await LogAsync("b");
        _server.CreateExperiment("shared");

        var report = await _workspace.ExportToMlflowAsync(
            Options(options => options.Experiment = "shared"), RunFilter.Parse("lifecycle = b"));

        Assert.That(report.Created, Is.EqualTo(1));
        Assert.That(_server.NameOf(_server.OfRun(id)), Is.EqualTo("shared"));
    }

    [Test]
    public async Task ExportToMlflowAsync_ArtifactsAreElsewhere_AreLeftOutAndSaidSo()
    {
        await LogAsync();
        _server.ArtifactRoot = "s3://bucket";

        var report = await _workspace.ExportToMlflowAsync(Options());

        Assert.That((report.Created, report.Artifacts, report.ArtifactsLeftOut), Is.EqualTo((1, 0, 2)));
        Assert.That(_log, Has.Some.Contains("takes no artifacts"));
    }

    [Test]
    public async Task ExportToMlflowAsync_RunInProgress_IsLeftOutAndNamed()
    {
        await using var run = await _workspace.StartRunAsync("churn");

        var report = await _workspace.ExportToMlflowAsync(Options());

        Assert.That(report.InProgress, Is.EqualTo(new[] { run.Id }));
        Assert.That(_server.Runs, Is.Empty);
    }

    [TestCase(401, """{"error_code":"X","message":"who?"}""", "answered 401 to 'experiments/get-by-name': who?", "Authorization")]
    [TestCase(403, "no", "answered 403", "Authorization")]
    [TestCase(404, "<html>", "answered 404", "before /api/2.0")]
    [TestCase(503, "busy", "answered 503", "MlflowOptions.Retries")]
    [TestCase(302, "", "redirects", "final address")]
    [TestCase(200, "<html>", "did not answer 'experiments/get-by-name' as MLflow does", "REST API 2.0")]
    [TestCase(200, "{}", "did not answer 'experiments/get-by-name' as MLflow does", "REST API 2.0")]
    public async Task ExportToMlflowAsync_Rejected_SaysWhatToDo(int status, string body, string problem, string remedy)
    {
        await LogAsync();
        _server.Trouble = _ => (status, body);

        Assert.That(
            async () => await _workspace.ExportToMlflowAsync(Options()),
            Throws.TypeOf<MlOpsException>().With.Property("Problem").Contains(problem).And.Property("Remedy").Contains(remedy));
        Assert.That(_server.Requests, Has.Count.EqualTo(status == 503 ? 3 : 1));
    }

    [Test]
    public async Task ExportToMlflowAsync_DeletedExperiment_SaysSo()
    {
        await LogAsync();
        await _workspace.ExportToMlflowAsync(Options());
        _server.DeleteExperiment("churn");
        var other = await LogAsync("fraud");

        var report = await _workspace.ExportToMlflowAsync(Options());

        Assert.That(report.Refused.Single().Problem, Does.Contain("'churn' of MLflow is deleted"));
        Assert.That(_server.OfRun(other).Status, Is.EqualTo("FINISHED"));
    }

    [Test]
    public async Task ExportToMlflowAsync_ARunIsRejected_IsNamedAndKeepsNoOtherBack()
    {
        var rejected = await LogAsync("first");
        var lost = await LogAsync("second", content: 2);
        var whole = await LogAsync("third", content: 3);
        await _workspace.Files.DeleteAnywayAsync((await _workspace.Runs.DetailsAsync(lost)).Artifacts.Single().Id, default);
        _server.Trouble = request => request.Url.AbsolutePath.EndsWith("runs/create", StringComparison.Ordinal)
            && Encoding.UTF8.GetString(request.Body).Contains(rejected, StringComparison.Ordinal)
                ? (400, """{"error_code":"INVALID_PARAMETER_VALUE","message":"too wide"}""")
                : null;

        var report = await _workspace.ExportToMlflowAsync(Options());

        Assert.That(report.Refused.Select(each => each.Run), Is.EqualTo(new[] { rejected, lost }));
        Assert.That(report.Refused[0].Problem, Does.Contain("answered 400 to 'runs/create': too wide"));
        Assert.That(report.Refused[0].Remedy, Does.Contain("Correct what it says"));
        Assert.That(report.Refused[1].Problem, Does.Contain("'model.bin' cannot be sent"));
        Assert.That(_server.OfRun(whole).Status, Is.EqualTo("FINISHED"));
        Assert.That(report.Created, Is.EqualTo(1));
        Assert.That(_log, Has.Some.Contains($"The run {rejected} could not be sent").And.Some.Contains("too wide"));
    }

    [Test]
    public async Task ExportToMlflowAsync_ClientOfOnesOwnEndsTheRequest_IsRepeatedAndNamed()
    {
        await LogAsync();
        var calls = 0;
        using var client = new HttpClient(new Patience(() => ++calls <= 2));

        var report = await _workspace.ExportToMlflowAsync(Options(options => options.Client = client));
        using var never = new HttpClient(new Patience(() => true));
        var failure = await Assert.ThrowsAsync<MlOpsException>(
            async () => await _workspace.ExportToMlflowAsync(Options(options => options.Client = never)));

        Assert.That(report.Created, Is.EqualTo(1));
        Assert.That(failure!.Problem, Does.Contain("did not answer in time"));
        Assert.That(failure.Remedy, Does.Contain("HttpClient.Timeout"));
    }

    [Test]
    public async Task ExportToMlflowAsync_Authorization_IsSentAndNeverSaid()
    {
        await LogAsync();
        var options = Options(each => each.Authorization = _ => ValueTask.FromResult("Bearer top-secret-token"));

        await _workspace.ExportToMlflowAsync(options);
        _server.Trouble = _ => (401, """{"error_code":"X","message":"bad token top-secret-token"}""");
        var failure = await Assert.ThrowsAsync<MlOpsException>(async () => await _workspace.ExportToMlflowAsync(options));
        options.Authorization = _ => ValueTask.FromResult("Bearer top-secret-token\nX: y");
        var wrong = await Assert.ThrowsAsync<MlOpsException>(async () => await _workspace.ExportToMlflowAsync(options));

        Assert.That(_server.Requests.Select(request => request.Headers["Authorization"]), Is.All.EqualTo("Bearer top-secret-token"));
        Assert.That(wrong!.ToString() + string.Concat(_log), Does.Not.Contain("top-secret"));
        Assert.That(failure!.Message, Does.Not.Contain("top-secret"));
    }

    [Test]
    public async Task ExportToMlflowAsync_NobodyAnswers_SaysSo()
    {
        await LogAsync();
        await _server.DisposeAsync();

        Assert.That(
            async () => await _workspace.ExportToMlflowAsync(Options()),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("cannot be reached"));
    }

    [Test]
    public async Task ExportToMlflowAsync_Cancelled_Ends()
    {
        await LogAsync();
        using var cancel = new CancellationTokenSource();
        _server.Trouble = request =>
        {
            if (request.Url.AbsolutePath.Contains("create", StringComparison.Ordinal)) cancel.Cancel();
            return null;
        };

        Assert.That(
            async () => await _workspace.ExportToMlflowAsync(Options(), cancellationToken: cancel.Token),
            Throws.InstanceOf<OperationCanceledException>());
    }

    [TestCase("http://mlflow.example.com")]
    [TestCase("ftp://mlflow.example.com")]
    [TestCase("https://user:password@mlflow.example.com")]
    [TestCase("https://mlflow.example.com?token=x")]
    [TestCase("relative")]
    public void ExportToMlflowAsync_AddressThatMustNotBeCalled_IsAMistakeWithoutSecrets(string address)
    {
        var options = new MlflowOptions { Server = new Uri(address, UriKind.RelativeOrAbsolute) };

        Assert.That(
            async () => await _workspace.ExportToMlflowAsync(options),
            Throws.InstanceOf<ArgumentException>().With.Message.Not.Contains("password").And.Message.Not.Contains("token=x"));
    }

    private MlflowOptions Options(Action<MlflowOptions>? configure = null)
    {
        var options = new MlflowOptions { Server = _server.Address, Retries = 2 };
        configure?.Invoke(options);
        return options;
    }

    private async Task<string> LogAsync(string name = "churn", int points = 3, byte content = 0)
    {
        await using var run = await _workspace.StartRunAsync(name);
        await run.LogParameterAsync("leaves", 31);
        for (var i = 0; i < points; i++) run.LogMetric("loss", 1.0 / (i + 1), i);
        byte[] model = [content, .. new byte[999]];
        await run.LogArtifactAsync("model.bin", model);
        await run.CompleteAsync();
        return run.Id;
    }

    /// <summary>Ends a request as <see cref="HttpClient.Timeout"/> does.</summary>
    private sealed class Patience(Func<bool> isOver) : DelegatingHandler(new HttpClientHandler { AllowAutoRedirect = false })
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            isOver()
                ? throw new TaskCanceledException("HttpClient.Timeout of 100 seconds elapsing.", new TimeoutException())
                : base.SendAsync(request, cancellationToken);
    }

    /// <summary>Lets no run be created before so many are to be at once, and never more.</summary>
    private sealed class Crowd(int size) : DelegatingHandler(new HttpClientHandler { AllowAutoRedirect = false })
    {
        private readonly TaskCompletionSource _isThere = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _present;

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (!request.RequestUri!.AbsolutePath.EndsWith("runs/create", StringComparison.Ordinal))
            {
                return await base.SendAsync(request, cancellationToken);
            }
            var present = Interlocked.Increment(ref _present);
            Assert.That(present, Is.LessThanOrEqualTo(size));
            if (present == size) _isThere.TrySetResult();
            await _isThere.Task.WaitAsync(cancellationToken);
            var answer = await base.SendAsync(request, cancellationToken);
            Interlocked.Decrement(ref _present);
            return answer;
        }
    }

    private static Dataset Rows() => Dataset.FromBatches(new Schema([new Field("x", ColumnType.Number)]), []);
}
