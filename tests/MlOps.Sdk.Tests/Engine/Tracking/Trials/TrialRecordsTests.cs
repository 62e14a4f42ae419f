using MlOps.Sdk.Storage;
using MlOps.Sdk.Tests.Storage;
using MlOps.Sdk.Tracking;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Tracking;

internal sealed class TrialRecordsTests : StoreFixture
{
    private readonly List<int> _events = [];
    private readonly List<TrialRecords> _created = [];
    private RunHistory _history = null!;
    private RunTracker _tracker = null!;
    private LogWatcher _log = null!;
    private FailingArtifacts _artifacts = null!;

    [SetUp]
    public async Task StartAsync()
    {
        _events.Clear();
        _log = new LogWatcher(logged => { lock (_events) _events.Add(logged.Id); });
        _history = new RunHistory(Store, () => "tester");
        _tracker = await RunTracker.StartAsync(Store, _log, new RunStart("churn", [LifecycleStage.Training], 42));
        _artifacts = new FailingArtifacts();
    }

    [TearDown]
    public async Task EndAsync()
    {
        foreach (var records in _created) records.Dispose();
        _created.Clear();
        await _tracker.DisposeAsync();
        _log.Dispose();
    }

    [Test]
    public async Task FlushAsync_StoreFails_ThrowsAndKeepsTheTrialsForTheNext()
    {
        var records = Create();
        _artifacts.Fails = true;
        records.Add(Trial("a", scores: [1, 2]));

        Assert.That(async () => await records.FlushAsync(default), Throws.TypeOf<MlOpsException>().With.Message.Contains("full"));
        Assert.That(await TrialsAsync(), Is.Empty);

        // What fails in the background says so in the log, and nobody waits for it.
        Assert.That(() => Logged(2052), Is.True.After(10_000, 10));
        _artifacts.Fails = false;
        records.Add(Trial("b"));
        await records.FlushAsync(default);

        Assert.That((await TrialsAsync()).Select(trial => trial.Parameters["name"]), Is.EqualTo(new[] { "a", "b" }));
        Assert.That((await records.FindAsync(["a", "b", "c"], default)).Keys, Is.EquivalentTo(new[] { "a", "b" }));
    }

    [Test]
    public async Task Add_StoreIsSlow_DoesNotWait()
    {
        var records = Create();
        _artifacts.Goes = new TaskCompletionSource();
        records.Add(Trial("first", scores: [1]));
        await _artifacts.Asked.Task.WaitAsync(TimeSpan.FromSeconds(30));

        // Nothing is written as long as the first one is not.
        for (var i = 0; i < 200; i++) records.Add(Trial($"{i}") with { Folds = [Trial($"{i} 1"), Trial($"{i} 2")] });
        Assert.That(await TrialsAsync(), Is.Empty);
        _artifacts.Goes.SetResult();
        await records.FlushAsync(default);

        Assert.That(await _history.SearchAsync("kind = \"Trial\"", limit: 1_000), Has.Count.EqualTo(201));
        Assert.That(await _history.SearchAsync("kind = \"Fold\"", limit: 1_000), Has.Count.EqualTo(400));
    }

    [Test]
    public async Task FlushAnywayAsync_StoreFails_IsLoggedAsLost()
    {
        var records = Create();
        _artifacts.Fails = true;
        records.Add(Trial("a", scores: [1, 2]));

        await records.FlushAnywayAsync();

        Assert.That(Logged(2053), Is.True);
    }

    [Test]
    public async Task Add_BetterAndBetter_KeepsTheScoresOfTheLast()
    {
        var records = Create();
        records.Add(Trial("a", scores: [1, 2]));
        await records.FlushAsync(default);
        records.Add(Trial("b", scores: [3, 4]));
        records.Add(Trial("c"));
        await records.FlushAsync(default);

        var found = await records.FindAsync(["a", "b", "c"], default);

        Assert.That(found["a"].Scores, Is.Null);
        Assert.That(await records.ReadScoresAsync(found["b"], 2, default), Is.EqualTo(new double[] { 3, 4 }));
        Assert.That(await records.ReadScoresAsync(found["b"], 3, default), Is.Null);
        Assert.That(Logged(2051), Is.True);
        Assert.That(
            await Store.ReadAsync(connection => ArtifactRefTable.FindOwner(connection, found["b"].Scores!.Value)),
            Is.EqualTo((SearchTrialTable.OwnerKind, _tracker.RunId)));
    }

    [Test]
    public async Task StageEndedAsync_Training_LetsGoOfScoresOfRunsThatNobodyWorksOn()
    {
        var other = await RunTracker.StartAsync(Store, _log, new RunStart("churn", [LifecycleStage.Training], 42));
        var dead = await RunTracker.StartAsync(Store, _log, new RunStart("churn", [LifecycleStage.Training], 42));
        foreach (var run in new[] { other, dead, _tracker })
        {
            var records = Create(run);
            records.Add(Trial(run.RunId, scores: [run.No]));
            await records.FlushAsync(default);
        }

        await dead.DisposeAsync();
        await _tracker.StageStartedAsync(LifecycleStage.Training, "f", "first run");
        await _tracker.StageEndedAsync(LifecycleStage.Training, StageState.Succeeded);

        Assert.That(
            await Store.ReadAsync(connection => ArtifactRefTable.Owners(connection, SearchTrialTable.OwnerKind)),
            Is.EqualTo(new[] { other.RunId }));
        await other.DisposeAsync();
    }

    private static TrialRecord Trial(string name, double[]? scores = null) => new()
    {
        StartedAt = DateTimeOffset.UnixEpoch,
        EndedAt = DateTimeOffset.UnixEpoch.AddSeconds(1),
        State = RunState.Succeeded,
        Parameters = new Dictionary<string, string> { ["name"] = name },
        Metrics = new Dictionary<string, double> { ["auc"] = double.NaN },
        Fingerprint = name,
        Result = "{}",
        Scores = scores,
    };

    private TrialRecords Create(RunTracker? run = null)
    {
        var records = new TrialRecords(Store, run ?? _tracker, _artifacts, _log);
        _created.Add(records);
        return records;
    }

    private async Task<IReadOnlyList<FoundRun>> TrialsAsync() =>
        await _history.SearchAsync($"kind = \"Trial\" and parent = \"{_tracker.RunId}\"", RunOrder.Oldest);

    private bool Logged(int id)
    {
        lock (_events) return _events.Contains(id);
    }

    private sealed class FailingArtifacts : IArtifactStore
    {
        private readonly Dictionary<ArtifactId, byte[]> _bytes = [];

        public bool Fails { get; set; }

        public TaskCompletionSource Asked { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <summary>What putting waits for; <see langword="null"/> for nothing.</summary>
        public TaskCompletionSource? Goes { get; set; }

        public Task<ArtifactInfo> PutAsync(Stream content, CancellationToken cancellationToken = default) =>
            throw new NotSupportedException();

        public async Task<ArtifactInfo> PutAsync(ReadOnlyMemory<byte> content, CancellationToken cancellationToken = default)
        {
            Asked.TrySetResult();
            if (Goes is { } goes) await goes.Task;
            if (Fails) throw new MlOpsException("The disk is full.", "Make room.");
            var id = ArtifactId.Of(content.Span);
            _bytes[id] = content.ToArray();
            return new ArtifactInfo(id, content.Length, DateTimeOffset.UnixEpoch);
        }

        public Task<Stream> OpenAsync(ArtifactId id, CancellationToken cancellationToken = default) =>
            Task.FromResult<Stream>(new MemoryStream(_bytes[id]));

        public Task<byte[]> ReadAllAsync(ArtifactId id, CancellationToken cancellationToken = default) => Task.FromResult(_bytes[id]);

        public Task<ArtifactInfo?> FindAsync(ArtifactId id, CancellationToken cancellationToken = default) => Task.FromResult(
            _bytes.TryGetValue(id, out var bytes) ? new ArtifactInfo(id, bytes.Length, DateTimeOffset.UnixEpoch) : null);

        public Task<bool> DeleteAsync(ArtifactId id, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public IAsyncEnumerable<ArtifactInfo> ListAsync(CancellationToken cancellationToken = default) =>
            throw new NotSupportedException();
    }
}
