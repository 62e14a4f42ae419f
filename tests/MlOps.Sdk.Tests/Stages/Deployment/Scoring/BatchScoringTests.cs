using System.Buffers;
using System.Runtime.CompilerServices;
using MlOps.Sdk.Audit;
using MlOps.Sdk.Collection;
using MlOps.Sdk.Data;
using MlOps.Sdk.Deployment;
using MlOps.Sdk.Features;
using MlOps.Sdk.Packaging;
using MlOps.Sdk.Storage;
using MlOps.Sdk.Training;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Deployment;

[TestFixture]
public sealed class BatchScoringTests
{
    private static readonly string[] Added = ["prediction_id", "model_version", "score", "decision"];
    private TempFolder _folder = null!;
    private Workspace _workspace = null!;

    [SetUp]
    public async Task Open()
    {
        _folder = new TempFolder();
        _workspace = await Workspace.OpenAsync(_folder["workspace"]);
    }

    [TearDown]
    public async Task Delete()
    {
        await _workspace.DisposeAsync();
        _folder.Dispose();
    }

    [Test]
    public async Task Score_VersionIsLive_WritesWhatPredictSays()
    {
        await SampleLifecycle.Begin().Deployed().Monitored().Build().RunAsync(_workspace);
        var subscribers = Subscriber.Draw(10_000, seed: 3);

        var report = await _workspace.ScoreAsync(
            SampleLifecycle.Name, DataSources.Objects(subscribers, "tonight"), DataSinks.Arrow(_folder["scores.arrow"]));

        var rows = await DataSources.Arrow(_folder["scores.arrow"]).ReadAllAsync();
        var endpoint = _workspace.Endpoint(SampleLifecycle.Name);
        Assert.Multiple(() =>
        {
            Assert.That(
                rows.Schema.Select(field => field.Name), Is.EqualTo((string[])["age", "spend", "plan", "abroad", "left", .. Added]));
            Assert.That(((TextColumn)rows["prediction_id"]).TextCount, Is.EqualTo(subscribers.Length));
            Assert.That((report.Rows, report.RecordedRows, report.MalformedRows, report.Version), Is.EqualTo((10_000L, 0L, 0L, 1)));
            Assert.That((report.Model, report.Source, report.Sink), Is.EqualTo((SampleLifecycle.Name, "tonight", "scores.arrow")));
        });
        for (var row = 0; row < subscribers.Length; row++)
        {
            var alone = endpoint.Predict(
                rows.Schema.Take(4).ToDictionary(field => field.Name, field => (object?)Cell(rows[field.Name], row)));
            Assert.That(
                (rows["score"].GetNumber(row), rows["decision"].GetText(row), rows["model_version"].GetNumber(row)),
                Is.EqualTo((alone.Value.Score, alone.Value.Label, 1.0)),
                $"row {row}");
            Assert.That(PredictionId.TryParse(rows["prediction_id"].GetText(row), out _), Is.True);
        }
    }

    [Test]
    public async Task Score_NoVersionIsLive_TakesThePromotedOneForTheCall()
    {
        await SampleLifecycle.Begin().Deployed().Build().RunAsync(_workspace);
        var source = DataSources.Objects(
            Subscriber.Draw(500, seed: 3).Select((row, i) => new { Id = i, row.Age, row.Spend, row.Plan, row.Abroad }));
        var keyed = new ScoringOptions { KeyColumn = "id", Keep = [] };
        await _workspace.ScoreAsync(SampleLifecycle.Name, source, DataSinks.Csv(_folder["live.csv"]), keyed);
        await using var other = await Workspace.OpenAsync(_folder["workspace"]);

        var report = await other.ScoreAsync(SampleLifecycle.Name, source, DataSinks.Csv(_folder["loaded.csv"]), keyed);

        Assert.Multiple(() =>
        {
            Assert.That(report.Version, Is.EqualTo(1));
            Assert.That(File.ReadAllText(_folder["loaded.csv"]), Is.EqualTo(File.ReadAllText(_folder["live.csv"])));
            Assert.That(other.Endpoint(SampleLifecycle.Name).IsLive, Is.False);
            Assert.That(
                () => other.ScoreAsync(SampleLifecycle.Name, source, DataSinks.Csv(_folder["x.csv"]), new() { Record = true }),
                Throws.TypeOf<ModelNotLiveException>().With.Message.Contains("ServeAsync"));
            Assert.That(
                () => other.ScoreAsync("unknown", source, DataSinks.Csv(_folder["x.csv"])),
                Throws.TypeOf<MlOpsException>()
                    .With.Message.Contains("No version of 'unknown' was promoted").And.Message.Not.Contains("mean"));
            var misspelt = SampleLifecycle.Name.ToUpperInvariant();
            Assert.That(
                () => other.ServeAsync(misspelt),
                Throws.TypeOf<MlOpsException>().With.Message.Contains($"Did you mean '{SampleLifecycle.Name}'?"));
        });
    }

    [Test]
    public async Task Score_ManyClasses_WritesAScoreForEach()
    {
        var subscribers = Subscriber.Draw(600, seed: 1);
        string ClassOf(Subscriber row) => row.Spend > 60 ? "high, very" : row.Spend > 35 ? "mid" : "low";
        await LifecycleBuilder.Create("spending")
            .DefineProblem(problem => problem.MulticlassClassification("spending"))
            .CollectData(data => data.FromObjects(subscribers.Select(row => new { row.Age, row.Spend, row.Plan, Spending = ClassOf(row) })))
            .ProcessData(data => data.Split(test: 0.25))
            .DefineMetrics(metrics => metrics.Optimize(Metric.Accuracy))
            .EngineerFeatures(features => features.Auto())
            .TrainModel(training => training.Try(Trainers.LogisticRegression()).CrossValidate(2).Trials(0))
            .DeployModel(deployment => deployment.ToProcess())
            .Build()
            .RunAsync(_workspace);

        await _workspace.ScoreAsync(
            "spending", DataSources.Objects(subscribers), DataSinks.Csv(_folder["s.csv"]), new() { Keep = ["age"], Prefix = "m_" });

        var rows = await DataSources.Csv(_folder["s.csv"]).ReadAllAsync();
        var endpoint = _workspace.Endpoint("spending");
        var row = subscribers[7];
        var alone = endpoint.Predict(new Dictionary<string, object?> { ["age"] = row.Age, ["spend"] = row.Spend, ["plan"] = row.Plan });
        var names = rows.Schema.Select(field => field.Name).ToArray();
        Assert.Multiple(() =>
        {
            Assert.That(names[..3], Is.EqualTo(new[] { "age", "m_prediction_id", "m_model_version" }));
            Assert.That(names[3..^1], Is.EquivalentTo(new[] { "m_score_high, very", "m_score_mid", "m_score_low" }));
            Assert.That(names[^1], Is.EqualTo("m_decision"));
            Assert.That(names[3..^1].Select(name => rows[name].GetNumber(7)), Is.EqualTo(alone.Value.Scores));
            Assert.That(rows["m_decision"].GetText(7), Is.EqualTo(alone.Value.Label));
        });
    }

    [Test]
    public async Task Score_Regression_WritesNoDecision()
    {
        var subscribers = Subscriber.Draw(600, seed: 1);
        await LifecycleBuilder.Create("age")
            .DefineProblem(problem => problem.Regression("age"))
            .CollectData(data => data.FromObjects(subscribers))
            .ProcessData(data => data.Split(test: 0.25))
            .DefineMetrics(metrics => metrics.Optimize(Metric.Rmse))
            .EngineerFeatures(features => features.Auto())
            .TrainModel(training => training.Try(Trainers.LinearRegression()).CrossValidate(2).Trials(0))
            .DeployModel(deployment => deployment.ToProcess())
            .Build()
            .RunAsync(_workspace);

        await _workspace.ScoreAsync("age", DataSources.Objects(subscribers), DataSinks.Arrow(_folder["s.arrow"]), new() { Keep = [] });

        var rows = await DataSources.Arrow(_folder["s.arrow"]).ReadAllAsync();
        Assert.That(rows.Schema.Select(field => field.Name), Is.EqualTo(Added[..3]));
    }

    [Test]
    public async Task Score_NamesThatClash_NeedAPrefixOrFewerColumns()
    {
        await SampleLifecycle.Begin().Deployed().Build().RunAsync(_workspace);
        var rows = Subscriber.Draw(300, seed: 3)
            .Select(row => new { row.Age, row.Spend, row.Plan, row.Abroad, Score = 7, Decision = "mine" });
        Task<ScoringReport> ScoreAsync(ScoringOptions? options) =>
            _workspace.ScoreAsync(SampleLifecycle.Name, DataSources.Objects(rows), DataSinks.Arrow(_folder["s.arrow"]), options);

        Assert.That(
            () => ScoreAsync(null),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("'score', 'decision'").And.Message.Contains("ScoringOptions.Prefix"));
        await ScoreAsync(new() { Prefix = "our_" });
        var prefixed = await DataSources.Arrow(_folder["s.arrow"]).ReadAllAsync();
        await ScoreAsync(new() { Keep = ["plan", "age"] });
        var fewer = await DataSources.Arrow(_folder["s.arrow"]).ReadAllAsync();

        Assert.Multiple(() =>
        {
            Assert.That(prefixed["score"].GetText(0), Is.EqualTo("7"));
            Assert.That(prefixed["our_decision"].GetText(0), Is.AnyOf("Yes", "No"));
            Assert.That(fewer.Schema.Select(field => field.Name), Is.EqualTo((string[])["plan", "age", .. Added]));
        });
    }

    [Test]
    public async Task Score_ColumnsDoNotFit_NamesAllBeforeARowIsReadOrWritten()
    {
        await SampleLifecycle.Begin().Deployed().Build().RunAsync(_workspace);
        var source = Counted(Subscriber.Draw(10, seed: 1).Select(row => new { Age = "old", row.Plan, Abroad = 3, Id = 1 }));

        var failure = await Assert.ThrowsAsync<MlOpsException>(() => _workspace.ScoreAsync(
            SampleLifecycle.Name, source, DataSinks.Csv(_folder["s.csv"]), new() { Keep = ["Id", "plan"], KeyColumn = "key" }));

        Assert.Multiple(() =>
        {
            Assert.That(failure!.Message, Does.Contain("'age' is Text and the model reads Number"));
            Assert.That(failure.Message, Does.Contain("'spend' (Number) is missing"));
            Assert.That(failure.Message, Does.Contain("'abroad' is Integer and the model reads Boolean"));
            Assert.That(failure.Message, Does.Contain("'Id', which is to be kept, is missing (is it 'id'?)"));
            Assert.That(failure.Message, Does.Contain("'key', which is the key, is missing"));
            Assert.That(source.Handed, Is.Zero);
            Assert.That(Directory.GetFiles(_folder.Path), Is.Empty);
        });
    }

    [Test]
    public async Task Score_RecordedUnderKeys_RecordsEachRowOnceAndDropsNone()
    {
        await SampleLifecycle.Begin().Deployed().Monitored().Build().RunAsync(_workspace);

        // More than what is recorded at a time.
        var rows = Subscriber.Draw(20_000, seed: 3).Select((row, i) => new { Id = i, row.Age, row.Spend, row.Plan, row.Abroad }).ToArray();
        var options = new ScoringOptions { Record = true, KeyColumn = "id", Keep = ["id"] };
        var source = DataSources.Objects(rows);
        var reports = new List<ScoringReport>();
        for (var i = 0; i < 2; i++)
        {
            reports.Add(await _workspace.ScoreAsync(SampleLifecycle.Name, source, DataSinks.Arrow(_folder["s.arrow"]), options));
        }

        await _workspace.ScoreAsync(
            SampleLifecycle.Name,
            DataSources.Objects(rows[..10]),
            DataSinks.Csv(_folder["s.csv"]),
            options with { KeyPrefix = "tomorrow/", Record = false });
        var tomorrow = await DataSources.Csv(_folder["s.csv"]).ReadAllAsync();
        var table = new PredictionTable(_workspace.Store);
        var scored = await DataSources.Arrow(_folder["s.arrow"]).ReadAllAsync();
        var recorded = await table.FindAsync(SampleLifecycle.Name, PredictionId.FromKey("19999").ToString());
        var count = await table.CountAsync(SampleLifecycle.Name);
        Assert.Multiple(() =>
        {
            Assert.That(count, Is.EqualTo(20_000));
            Assert.That(tomorrow["prediction_id"].GetText(9), Is.EqualTo(PredictionId.FromKey("tomorrow/9").ToString()));
            Assert.That(reports.Select(report => report.RecordedRows), Has.All.EqualTo(20_000));
            Assert.That(scored["prediction_id"].GetText(19_999), Is.EqualTo(PredictionId.FromKey("19999").ToString()));
            Assert.That(recorded!.Prediction.Score, Is.EqualTo(scored["score"].GetNumber(19_999)));
            Assert.That(recorded.Prediction.Version, Is.EqualTo(1));
        });
    }

    [Test]
    public async Task Score_RowWithoutKey_IsNamedAndLeavesTheSinkAsItWas()
    {
        await SampleLifecycle.Begin().Deployed().Build().RunAsync(_workspace);
        File.WriteAllText(_folder["s.csv"], "before");
        var rows = Subscriber.Draw(9_000, seed: 3)
            .Select((row, i) => new { Id = i == 8_499 ? null : $"k{i}", row.Age, row.Spend, row.Plan, row.Abroad });

        Assert.That(
            () => _workspace.ScoreAsync(
                SampleLifecycle.Name, DataSources.Objects(rows), DataSinks.Csv(_folder["s.csv"]), new() { KeyColumn = "id" }),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("Row 8500 has no key").And.Message.Contains("'id'"));
        Assert.That(File.ReadAllText(_folder["s.csv"]), Is.EqualTo("before"));
    }

    [Test]
    public async Task Score_RowThatCannotBeScored_IsNamed()
    {
        await SampleLifecycle.Begin(features: features => features.Numeric(["age"]).OneHot(["plan"]))
            .Deployed().Build().RunAsync(_workspace);
        using var package = await _workspace.ReadPackageAsync(await _workspace.Models.GetAsync(SampleLifecycle.Name, 1));
        var table = await DataSources.Objects(Enumerable.Range(0, 700).Select(i => new { Age = i == 600 ? 99.0 : 30, Plan = "monthly" }))
            .ReadAllAsync();
        var columns = ScoredColumns.Of(table.Schema, "rows", package, new ScoringOptions());
        using var scorer = new ModelScorer(package.Graph, new TrainedModel(new Fussy(package.Model!), null), rules: null);
        var rows = new ScoredRows("rows", 1, package, scorer, columns, null, _ => Task.CompletedTask, skipsRejected: false);
        var batch = table.ToBatches().Single();

        Assert.That(
            async () => await rows.ScoreAsync(batch, default),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("Row 601 cannot be scored").And.Message.Contains("too old"));
    }

    [Test]
    public async Task Score_Cancelled_LeavesTheSinkAsItWas()
    {
        await SampleLifecycle.Begin().Deployed().Build().RunAsync(_workspace);
        File.WriteAllText(_folder["s.csv"], "before");
        using var cancel = new CancellationTokenSource();
        var progress = new Watching(_ => cancel.Cancel());

        Assert.That(
            () => _workspace.ScoreAsync(
                SampleLifecycle.Name,
                DataSources.Objects(Subscriber.Draw(20_000, seed: 3)),
                DataSinks.Csv(_folder["s.csv"]),
                progress: progress,
                cancellationToken: cancel.Token),
            Throws.InstanceOf<OperationCanceledException>());
        var scorings = await ScoringsAsync();
        Assert.Multiple(() =>
        {
            Assert.That(progress.Seen, Is.EqualTo(new[] { 8_192L }));
            Assert.That(File.ReadAllText(_folder["s.csv"]), Is.EqualTo("before"));
            Assert.That(Directory.GetFiles(_folder.Path), Has.Length.EqualTo(1));
            Assert.That(scorings, Is.Empty);
        });
    }

    [Test]
    public async Task Score_WorkspaceIsDisposedOfMeanwhile_Ends()
    {
        await SampleLifecycle.Begin().Deployed().Build().RunAsync(_workspace);
        var rows = Subscriber.Draw(1_000, seed: 3);
        var many = DataSources.Objects(Enumerable.Range(0, 20_000).SelectMany(_ => rows).ToAsyncEnumerable());
        Task? closing = null;
        var progress = new Watching(_ => closing ??= _workspace.DisposeAsync().AsTask());

        Assert.That(
            () => _workspace.ScoreAsync(SampleLifecycle.Name, many, DataSinks.Csv(_folder["s.csv"]), progress: progress),
            Throws.TypeOf<ObjectDisposedException>());
        await closing!;
        Assert.That(Directory.GetFiles(_folder.Path), Is.Empty);
    }

    [Test]
    public async Task Score_Done_IsInTheAuditLog()
    {
        await SampleLifecycle.Begin().Deployed().Build().RunAsync(_workspace);
        await DataSources.Objects(Subscriber.Draw(300, seed: 3)).WriteToAsync(DataSinks.Csv(_folder["in.csv"]));

        var report = await _workspace.ScoreAsync(
            SampleLifecycle.Name,
            DataSources.Csv(_folder["in.csv"]),
            DataSinks.Csv(_folder["out.csv"]),
            progress: new Watching(_ => throw new InvalidOperationException("who watches")));

        var entry = (await ScoringsAsync()).Single();
        var version = await _workspace.Models.GetAsync(SampleLifecycle.Name, 1);
        Assert.Multiple(() =>
        {
            Assert.That(entry.Subject, Is.EqualTo($"model:{SampleLifecycle.Name}/1"));
            Assert.That(StorageJson.ReadFields(entry.Details), Is.EqualTo(new Dictionary<string, string>
            {
                ["contentHash"] = version.ContentHash,
                ["source"] = "in.csv",
                ["sourceVersion"] = report.SourceVersion!,
                ["sink"] = "out.csv",
                ["rows"] = "300",
                ["recorded"] = "0",
                ["malformed"] = "0",
            }));
            Assert.That((report.ContentHash, report.AuditSequence), Is.EqualTo((version.ContentHash, entry.Sequence)));
            Assert.That(report.SourceVersion, Does.StartWith("sha256:"));
        });
        Assert.That((await _workspace.Audit.VerifyAsync()).Problem, Is.Null);
    }

    [Test]
    public async Task Score_MalformedRows_AreCountedWhereTheyMayPass()
    {
        await SampleLifecycle.Begin().Deployed().Build().RunAsync(_workspace);
        await DataSources.Objects(Subscriber.Draw(300, seed: 3)).WriteToAsync(DataSinks.Csv(_folder["in.csv"]));
        File.AppendAllText(_folder["in.csv"], "not a row\n");
        Task<ScoringReport> ScoreAsync(MalformedRows malformed) => _workspace.ScoreAsync(
            SampleLifecycle.Name, DataSources.Csv(_folder["in.csv"]), DataSinks.Csv(_folder["out.csv"]), new() { Malformed = malformed });

        Assert.That(() => ScoreAsync(MalformedRows.Fail), Throws.TypeOf<MlOpsException>().With.Property("Line").EqualTo(302));
        var report = await ScoreAsync(MalformedRows.Quarantine);

        Assert.That((report.Rows, report.MalformedRows), Is.EqualTo((300, 1)));
    }

    [Test]
    public async Task Score_ManyBatches_KeepsFewOfThemInMemory()
    {
        await SampleLifecycle.Begin().Deployed().Build().RunAsync(_workspace);
        var source = Counted(Subscriber.Draw(12_000, seed: 3), batchSize: 100);

        var report = await _workspace.ScoreAsync(SampleLifecycle.Name, source, DataSinks.Arrow(_folder["s.arrow"]));

        Assert.Multiple(() =>
        {
            Assert.That(report.Rows, Is.EqualTo(12_000));
            Assert.That(source.Handed, Is.EqualTo(120));
            Assert.That(source.MostAlive, Is.LessThanOrEqualTo(4));
        });
    }

    private static object? Cell(Column column, int row) => column.IsNull(row) ? null : column switch
    {
        NumberColumn numbers => numbers.Values[row],
        IntegerColumn integers => integers.Values[row],
        BooleanColumn booleans => booleans.Values[row],
        _ => column.GetText(row),
    };

    private async Task<List<AuditEntry>> ScoringsAsync()
    {
        var entries = new List<AuditEntry>();
        await foreach (var entry in _workspace.Audit.ReadAsync()) entries.Add(entry);
        return [.. entries.Where(entry => entry.Action == "model.scored")];
    }

    private sealed class Watching(Action<ScoringProgress> report) : IProgress<ScoringProgress>
    {
        public List<long> Seen { get; } = [];

        public void Report(ScoringProgress value)
        {
            Seen.Add(value.Rows);
            report(value);
        }
    }

    /// <summary>Refuses rows of which the first feature is far from its mean.</summary>
    private sealed class Fussy(IModel inner) : IModel
    {
        public ModelSignature Signature => inner.Signature;

        public string FormatId => inner.FormatId;

        public void Predict(in FeatureBlock rows, Span<double> output, PredictScratch scratch)
        {
            for (var i = 0; i < rows.RowCount; i++)
            {
                if (rows.Values[i * rows.DenseWidth] > 2.5f) throw new InvalidOperationException("too old");
            }
            inner.Predict(rows, output, scratch);
        }

        public void Save(IBufferWriter<byte> to) => inner.Save(to);

        public void Dispose()
        {
        }
    }

    private static CountedSource Counted<T>(IEnumerable<T> rows, int batchSize = 8_192) => new(DataSources.Objects(rows), batchSize);

    /// <summary>Counts the batches that it hands out, and those that somebody still holds.</summary>
    private sealed class CountedSource(IDataSource inner, int batchSize) : IDataSource
    {
        private readonly List<WeakReference> _batches = [];

        public string Name => inner.Name;

        public int Handed => _batches.Count;

        public int MostAlive { get; private set; }

        public async ValueTask<IDataScan> OpenAsync(ReadRequest request, CancellationToken cancellationToken = default) =>
            new Scan(await inner.OpenAsync(request with { BatchSize = batchSize }, cancellationToken), this);

        [MethodImpl(MethodImplOptions.NoInlining)]
        private void Count(RecordBatch batch)
        {
            _batches.Add(new WeakReference(batch));
            if (_batches.Count % 10 != 0) return;
            GC.Collect();
            MostAlive = Math.Max(MostAlive, _batches.Count(reference => reference.IsAlive));
        }

        private sealed class Scan(IDataScan inner, CountedSource source) : IDataScan
        {
            public Schema Schema => inner.Schema;

            public ContentVersion? Version => inner.Version;

            public bool IsRepeatable => false;

            public async IAsyncEnumerable<RecordBatch> ReadAsync(
                Position? from = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
            {
                await foreach (var batch in inner.ReadAsync(from, cancellationToken))
                {
                    source.Count(batch);
                    yield return batch;
                }
            }

            public ValueTask DisposeAsync() => inner.DisposeAsync();
        }
    }
}
