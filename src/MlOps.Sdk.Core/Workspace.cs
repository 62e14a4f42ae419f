using System.Collections.Concurrent;
using MlOps.Sdk.Audit;
using MlOps.Sdk.Collection;
using MlOps.Sdk.Deployment;
using MlOps.Sdk.Monitoring;
using MlOps.Sdk.Packaging;
using MlOps.Sdk.Plugins;
using MlOps.Sdk.Registry;
using MlOps.Sdk.Rollout;
using MlOps.Sdk.Storage;
using MlOps.Sdk.Tracking;

namespace MlOps.Sdk;

/// <summary>
/// The place where runs, models and data are kept: a folder with a database and content-addressed artifacts. Also where the models of this
/// process are live. Thread-safe; several processes may have the same workspace open.
/// </summary>
public sealed class Workspace : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, ModelSlot> _slots = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, ModelMonitor> _monitors = new(StringComparer.Ordinal);

    private readonly ConcurrentDictionary<RunTracker, bool> _runs = [];
    private readonly CancellationTokenSource _closing = new();
    private readonly RunRows _rows;
    private int _disposed;

    private Workspace(WorkspaceOptions options, RelationalStore store, WorkspaceArtifacts artifacts)
    {
        Options = options;
        Store = store;
        Files = artifacts;
        Acting = new CurrentActor(options.Actors, options.Actor, [.. options.Roles]);
        Logger = RunLogger.Of(options.LoggerFactory, "MlOps.Sdk");

        // Options may be used again, for a workspace that trusts others.
        Readers = options.Readers.Copy();
        Readers.Verify = options.Trust is { } trust ? package => trust.Require(package) : null;
        Runs = new RunHistory(store, () => Acting.Name) { PairAsync = new HoldoutPairs(this).CompareAsync };
        Models = new ModelRegistry(store, artifacts, this)
        {
            Verify = Readers.Verify,
            KeyId = options.Signer?.KeyId,
            Acting = Acting,
        };
        var traffic = new TrafficRegistry(store);
        var switches = new SwitchRegistry(store);
        var fallbacks = new FallbackRegistry(store);
        Promoted = new PromotedModels(this, traffic, switches, fallbacks);
        Traffic = new ModelTraffic(this, traffic, switches, fallbacks);
        Shadows = new ModelShadows(new ShadowTable(store), options.Time, Logger);
        Approvals = new ModelApprovals(this, new ApprovalRegistry(store, Acting));
        Audit = new AuditLog(store);
        Events = new DeploymentEvents(store, Audit);
        Holdout = new HoldoutLedger(store);
        _rows = new RunRows(this);
        StageResults = new StageResults(store);
        Calls = new CallLog(new ServedCallTable(store), options.Time, Logger);
        var recorded = new RecordedModels(this);
        MonitoringServices = new MonitoringServices(
            new PredictionTable(store),
            new LabelTable(store),
            new PaneTable(store),
            new MonitoringTable(store),
            new RetrainingTable(store),
            new AlertBook(store, Logger),
            options.Time,
            Logger)
        {
            FindPromotedLabels = Promoted.FindLabelsAsync,
            Outcomes = new OutcomeTable(store),
            Calls = Calls,
            FindDivisions = traffic.HistoryAsync,
            FindModel = recorded.FindAsync,
            FindEvaluation = recorded.FindEvaluationAsync,
        };
        Alerts = new ModelAlerts(store, Acting);
        Schedules = new ScheduleCheck(store, MonitoringServices);
        Receiver = new ReleaseReceiver(this);
        Outgoing = new OutgoingReleases(options.Signer, Readers) { OfTheLibrary = options.ReadersOfTheLibrary };
        Golden = new GoldenCalls(Models, Files, Readers);
        Rollouts = new ModelRollouts(
            this,
            new RolloutRegistry(store),
            new EvidenceSources(Calls, MonitoringServices.Predictions, MonitoringServices.Outcomes));
        Hosts = new HostContractTable(store);
        Process = new InProcessTarget(
            SlotOf,
            (model, version, package) => Monitor(model).NewRecorder(version, package),
            Promoted.FollowAsync,
            Readers);
    }

    /// <summary>The folder.</summary>
    public string Path => Options.Path;

    /// <summary>
    /// The id of the workspace, 32 hexadecimal digits, drawn when it was created. It marks what deployment targets make elsewhere. A copy
    /// or a backup of the folder has the same id.
    /// </summary>
    public string Id { get; private init; } = "";

    /// <summary>The runs.</summary>
    public RunHistory Runs { get; }

    /// <summary>The registry of models: versions, attestations, aliases.</summary>
    public ModelRegistry Models { get; }

    /// <summary>How the calls of models are divided over their versions.</summary>
    public ModelTraffic Traffic { get; }

    /// <summary>How versions take the place of the live one step by step.</summary>
    public ModelRollouts Rollouts { get; }

    /// <summary>The alerts of models, and what people decide on them.</summary>
    public ModelAlerts Alerts { get; }

    /// <summary>What people must approve before it happens, and what they decided.</summary>
    public ModelApprovals Approvals { get; }

    /// <summary>Who did what, when and why.</summary>
    public AuditLog Audit { get; }

    /// <summary>What happens to the models, in all processes: to read, and to follow.</summary>
    public DeploymentEvents Events { get; }

    /// <summary>Every look at a holdout.</summary>
    public HoldoutLedger Holdout { get; }

    /// <summary>
    /// Packages, snapshots and other artifacts, by their content. What a run, a result or a model version needs is not deleted through it.
    /// </summary>
    public IArtifactStore Artifacts => Files;

    internal WorkspaceArtifacts Files { get; }

    internal WorkspaceOptions Options { get; }

    internal RelationalStore Store { get; }

    internal FormatReaders Readers { get; }

    internal RunLogger Logger { get; }

    internal RunLogLimits RunLogLimits => new(Options.RunLogLevel, Options.RunLogEntries, Options.RunLogBytes);

    internal TimeProvider Time => Options.Time;

    internal StageResults StageResults { get; }

    internal MonitoringServices MonitoringServices { get; }

    internal ScheduleCheck Schedules { get; }

    internal InProcessTarget Process { get; }

    internal HostContractTable Hosts { get; }

    internal CallLog Calls { get; }

    internal CurrentActor Acting { get; }

    internal PromotedModels Promoted { get; }

    internal ModelShadows Shadows { get; }

    internal ReleaseReceiver Receiver { get; }

    internal OutgoingReleases Outgoing { get; }

    internal GoldenCalls Golden { get; }

    /// <summary>Opens a workspace; the folder is created when missing.</summary>
    /// <param name="path">The folder.</param>
    /// <param name="configure">Sets further options.</param>
    /// <param name="cancellationToken">Cancels the opening.</param>
    /// <exception cref="MlOpsException">
    /// An option is out of its range, or the folder cannot be used: no rights, a network share, a newer version's
    /// workspace, a damaged database.
    /// </exception>
    public static Task<Workspace> OpenAsync(
        string path, Action<WorkspaceOptions>? configure = null, CancellationToken cancellationToken = default)
    {
        var options = new WorkspaceOptions { Path = path };
        configure?.Invoke(options);
        return OpenAsync(options, cancellationToken);
    }

    /// <summary>Opens a workspace; the folder is created when missing.</summary>
    /// <param name="options">The folder and the rest.</param>
    /// <param name="cancellationToken">Cancels the opening.</param>
    /// <exception cref="MlOpsException">
    /// An option is out of its range, or the folder cannot be used: no rights, a network share, a newer version's
    /// workspace, a damaged database.
    /// </exception>
    public static async Task<Workspace> OpenAsync(WorkspaceOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        var (store, artifacts, id) = await WorkspaceOpening.OpenAsync(options, cancellationToken).ConfigureAwait(false);
        return new Workspace(options, store, artifacts) { Id = id };
    }

    /// <summary>An endpoint for rows of a class. It may be taken before a version is live; predicting then says what is missing.</summary>
    /// <typeparam name="TIn">The class of a row.</typeparam>
    /// <typeparam name="TOut">The type of the answer, see <see cref="Endpoint{TIn, TOut}"/>.</typeparam>
    /// <param name="name">The model's name.</param>
    public Endpoint<TIn, TOut> Endpoint<TIn, TOut>(string name) => new(SlotOf(name));

    /// <summary>An endpoint for rows given by column name.</summary>
    /// <param name="name">The model's name.</param>
    public DynamicEndpoint Endpoint(string name) => new(SlotOf(name));

    /// <summary>The monitor of a model in this process.</summary>
    /// <param name="model">The model's name.</param>
    public ModelMonitor Monitor(string model)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(model);
        return _monitors.GetOrAdd(model, name => new ModelMonitor(name, MonitoringServices));
    }

    /// <summary>
    /// Makes the promoted version of a model live in this process, without running its lifecycle. Called again, it takes up what was
    /// promoted since, also by other processes.
    /// </summary>
    /// <param name="model">The model's name.</param>
    /// <param name="cancellationToken">Cancels the loading; what is live stays.</param>
    /// <returns>The version that is live.</returns>
    /// <exception cref="MlOpsException">
    /// No version was promoted, its package is damaged, or a reader that it needs is not registered; or the registry and the audit log do
    /// not agree.
    /// </exception>
    public Task<int> ServeAsync(string model, CancellationToken cancellationToken = default) =>
        Promoted.ServeAsync(model, cancellationToken);

    /// <summary>
    /// Takes up a release of another workspace, which a deployment target wrote or sent: verifies who signed it before anything of it is
    /// loaded, makes sure that it loads here, answers its golden rows as it did and can be called by the applications, registers the
    /// version under its own number with what the gates of its workspace said, and makes it the live one. The registry and the audit log
    /// have the key that signed (<c>model.received</c>). A release that comes again changes nothing, and one that went live earlier where
    /// it was made than the last that was received is rejected. Whatever fails, the version that is live stays live.
    /// </summary>
    /// <param name="release">The file.</param>
    /// <param name="cancellationToken">Cancels until the version is live.</param>
    /// <exception cref="MlOpsException">
    /// <see cref="WorkspaceOptions.Trust"/> is not set; the release is not signed by a trusted key, damaged, older than the last or than
    /// <see cref="WorkspaceOptions.ReleasesNotBefore"/>, or a version of another content has its number here; it needs a reader that is
    /// not registered, or does not predict as it did; an application cannot call it; or the actor may not promote it.
    /// </exception>
    public Task<ReceivedRelease> ReceiveAsync(ReadOnlyMemory<byte> release, CancellationToken cancellationToken = default) =>
        Receiver.ReceiveAsync(release, endpoint: null, cancellationToken);

    /// <summary>
    /// Lets a rule answer in this process where a model is stopped, fails or gives no number, and where its circuit is open. A fallback of
    /// the registry (<see cref="ModelTraffic.SetFallbackAsync"/>) takes precedence. <see cref="Prediction{T}.Arm"/> is <c>fallback</c> and
    /// <see cref="Prediction{T}.Version"/> 0 for what the rule answers, and it is not recorded. Called again, it replaces the rule.
    /// </summary>
    /// <param name="model">The model's name.</param>
    /// <param name="rule">Answers a row. What it throws reaches the caller beside what failed first.</param>
    /// <param name="circuit">When a version that fails is no longer called for a while; <see langword="null"/> for the defaults.</param>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public void UseFallback(string model, FallbackRule rule, CircuitOptions? circuit = null)
    {
        ArgumentNullException.ThrowIfNull(rule);
        circuit ??= new CircuitOptions();
        circuit.Validate(nameof(circuit));
        SlotOf(model).Use(Promoted.NewStandIn(model, circuit, live: null, answer: null, rule));
    }

    /// <summary>Reads the package of a registered version, verified.</summary>
    /// <param name="version">The version.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <exception cref="MlOpsException">
    /// The package is damaged, a reader that it needs is not registered, or the version was deleted.
    /// </exception>
    public async Task<ModelPackage> ReadPackageAsync(ModelVersion version, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(version);
        if (version.Deletion is not null) throw RegistryRecords.Deleted(version, "its package cannot be read");
        return PackageFile.Read(await Artifacts.ReadAllAsync(version.PackageId, cancellationToken).ConfigureAwait(false), Readers);
    }

    /// <summary>The rows that a run collected, as a source: to read, profile or compare them, or to collect them again.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="MlOpsException">There is no such run, it collected nothing, or its rows are no longer kept.</exception>
    public Task<IDataSource> CollectedRowsAsync(string runId, CancellationToken cancellationToken = default) =>
        _rows.CollectedAsync(runId, cancellationToken);

    /// <summary>
    /// The rows that a run could not read, each with its source, line, column, reason and text, and whether it was kept without the
    /// malformed values; see <see cref="CollectionBuilder.Malformed"/>.
    /// </summary>
    /// <param name="runId">The run.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="MlOpsException">There is no such run, it could read every row, or the rows are no longer kept.</exception>
    public Task<IDataSource> MalformedRowsAsync(string runId, CancellationToken cancellationToken = default) =>
        _rows.MalformedAsync(runId, cancellationToken);

    /// <summary>
    /// The rows that a run quarantined because of an expectation or a missing label, with the reason in the column <c>_expectation</c>.
    /// </summary>
    /// <param name="runId">The run.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="MlOpsException">There is no such run, its rows were not processed, or they are no longer kept.</exception>
    public Task<IDataSource> QuarantinedRowsAsync(string runId, CancellationToken cancellationToken = default) =>
        _rows.QuarantinedAsync(runId, cancellationToken);

    /// <summary>
    /// The rows that a run learned from, as its trainers and transforms saw them: after all steps of ProcessData, without the holdout.
    /// </summary>
    /// <param name="runId">The run.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="MlOpsException">There is no such run, its rows were not processed, or they are no longer kept.</exception>
    public Task<IDataSource> TrainingRowsAsync(string runId, CancellationToken cancellationToken = default) =>
        _rows.TrainingAsync(runId, cancellationToken);

    /// <summary>
    /// The rows that a run was judged on, after all steps of ProcessData. Asking for them is a look at the holdout, and is written in its
    /// ledger (<see cref="Holdout"/>): who chooses a model by these rows has no unseen ones left to judge it on.
    /// </summary>
    /// <param name="runId">The run.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="MlOpsException">There is no such run, its rows were not processed, or they are no longer kept.</exception>
    public Task<IDataSource> HoldoutRowsAsync(string runId, CancellationToken cancellationToken = default) =>
        _rows.HoldoutAsync(runId, cancellationToken);

    /// <summary>
    /// What the stages of a run found: the exploration of the training rows, the leaderboard, the gates. Also of runs of another process,
    /// or of the host.
    /// </summary>
    /// <param name="runId">The run, in any state; <see cref="Runs"/> lists them.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>The run; parts are <see langword="null"/> for stages that it does not have or that did not end.</returns>
    /// <exception cref="MlOpsException">There is no such run, or what a stage found is lost.</exception>
    public async Task<LifecycleRun> LifecycleRunAsync(string runId, CancellationToken cancellationToken = default) =>
        await LifecycleRun.ReadAsync(
            await Runs.GetAsync(runId, cancellationToken).ConfigureAwait(false),
            Runs,
            Models,
            Artifacts,
            null,
            cancellationToken).ConfigureAwait(false);

    /// <summary>Compares the rows that two runs collected: schema, number of rows, drift of each column.</summary>
    /// <param name="referenceRun">The run to compare with.</param>
    /// <param name="currentRun">The run to judge.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="MlOpsException">There is no such run, or it collected nothing.</exception>
    public Task<TableComparison> CompareAsync(string referenceRun, string currentRun, CancellationToken cancellationToken = default) =>
        _rows.CompareAsync(referenceRun, currentRun, cancellationToken);

    /// <summary>
    /// Copies the workspace while it is in use: the database as of one moment, and every artifact that it refers to, wherever artifacts
    /// are kept. Others go on writing; nothing is deleted meanwhile. The folder appears when it is whole: a backup that is cancelled,
    /// killed or finds no room is never taken for one.
    /// </summary>
    /// <param name="destination">The folder: one that is not there, or is empty, and is not inside of the workspace.</param>
    /// <param name="progress">Hears how far it is.</param>
    /// <param name="cancellationToken">Cancels; then nothing is left at the destination.</param>
    /// <returns>What the backup holds. Look at <see cref="BackupReport.Lost"/>.</returns>
    /// <exception cref="MlOpsException">
    /// There is something at the destination, it cannot be written or has no room, the database is damaged, or the artifacts cannot be
    /// read.
    /// </exception>
    public Task<BackupReport> BackupAsync(
        string destination, IProgress<TransferProgress>? progress = null, CancellationToken cancellationToken = default) =>
        new WorkspaceBackup(Store, Files, Path, Logger).WriteAsync(destination, progress, cancellationToken);

    /// <summary>
    /// Verifies a backup: every file has the content that was written, the database is sound, refers to nothing that is not there, and its
    /// audit log was not changed. Nothing is written into the backup.
    /// </summary>
    /// <param name="backup">The folder that <see cref="BackupAsync"/> made.</param>
    /// <param name="knownAuditHead">
    /// A hash that was kept elsewhere, such as <see cref="BackupReport.AuditHead"/>: the audit log must have it.
    /// </param>
    /// <param name="progress">Hears how far it is.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="MlOpsException">It is no backup, is damaged or was changed; the first bad file is named.</exception>
    public static Task<BackupReport> VerifyBackupAsync(
        string backup,
        string? knownAuditHead = null,
        IProgress<TransferProgress>? progress = null,
        CancellationToken cancellationToken = default) =>
        WorkspaceRestore.VerifyAsync(backup, knownAuditHead, progress, cancellationToken);

    /// <summary>
    /// Makes a workspace of a backup, which is verified as <see cref="VerifyBackupAsync"/> does. The folder appears when it is whole. The
    /// workspace has the id of the one that was backed up: do not let both work on the same deployment targets.
    /// </summary>
    /// <param name="backup">The folder that <see cref="BackupAsync"/> made.</param>
    /// <param name="path">The folder of the workspace: one that is not there, or is empty.</param>
    /// <param name="options">Where artifacts are put, and what is known of the backup; <see langword="null"/> for the defaults.</param>
    /// <param name="progress">Hears how far it is.</param>
    /// <param name="cancellationToken">Cancels; then nothing is left at the path.</param>
    /// <exception cref="MlOpsException">
    /// It is no backup, is damaged or was changed, and the first bad file is named; or there is something at the path, or no room.
    /// </exception>
    public static Task<BackupReport> RestoreAsync(
        string backup,
        string path,
        RestoreOptions? options = null,
        IProgress<TransferProgress>? progress = null,
        CancellationToken cancellationToken = default) =>
        WorkspaceRestore.RestoreAsync(backup, path, options ?? new RestoreOptions(), progress, cancellationToken);

    /// <summary>
    /// Lets runs that need not keep their snapshots release them, and writes so in the audit log. The bytes are removed by
    /// <see cref="CollectGarbageAsync"/>, which keeps what other runs still refer to. A run whose rows are gone can be read as before, but
    /// neither its rows nor its stages can be used again. A lifecycle of which a run is in progress releases nothing.
    /// </summary>
    /// <param name="retention">Which runs keep their snapshots.</param>
    /// <param name="dryRun">Whether only to tell what would be released.</param>
    /// <param name="cancellationToken">Cancels; what was released stays released.</param>
    /// <exception cref="MlOpsException">A value is out of its range.</exception>
    public Task<ReleasedSnapshots> ReleaseSnapshotsAsync(
        SnapshotRetention retention, bool dryRun, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(retention);
        return new SnapshotRelease(this, retention).RunAsync(dryRun, cancellationToken);
    }

    /// <summary>Deletes artifacts that no run, stage result or model version refers to any more.</summary>
    /// <param name="dryRun">Whether only to tell what would be deleted.</param>
    /// <param name="cancellationToken">Cancels the collection; what was deleted stays deleted.</param>
    public Task<GarbageReport> CollectGarbageAsync(bool dryRun, CancellationToken cancellationToken = default) =>
        new ArtifactCollector(Store, Files, Logger, run => RunOwner.MayWork(run, Time.GetUtcNow()))
            .CollectGarbageAsync(dryRun, null, cancellationToken);

    /// <summary>
    /// Closes the workspace: what was recorded is stored, and runs that are in progress end as Interrupted, to be resumed later; they are
    /// told to end, and not waited for.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0) return;
        if (Ending is { } ending) await ending().ConfigureAwait(false);

        // What runs is not waited for: it is recorded as interrupted, told to end, and resumed when the workspace is opened again.
        await Task.WhenAll(_runs.Keys.Select(
            run => run.InterruptAsync("The workspace was disposed of while the run was in progress."))).ConfigureAwait(false);
        await _closing.CancelAsync().ConfigureAwait(false);

        // A monitor that cannot store its predictions must keep neither the others from storing theirs nor the database from being closed.
        var monitors = Task.WhenAll(_monitors.Values.Select(monitor => monitor.DisposeAsync().AsTask()));
        await monitors.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        foreach (var slot in _slots.Values) slot.Dispose();
        await Calls.DisposeAsync().ConfigureAwait(false);
        await Shadows.DisposeAsync().ConfigureAwait(false);
        await Store.DisposeAsync().ConfigureAwait(false);
        await monitors.ConfigureAwait(false);
    }

    /// <summary>
    /// Ends what works with the workspace in the background, before anything of it is closed: a container may dispose of the workspace
    /// before the host that opened it. Does not fail.
    /// </summary>
    internal Func<Task>? Ending { get; set; }

    /// <summary>Cancelled when the workspace is disposed of.</summary>
    internal CancellationToken Closing => _closing.Token;

    /// <summary>Notes a run that is in progress, for as long as what it gives is not disposed of.</summary>
    internal void Enter(RunTracker run) => _runs[run] = true;

    internal void Leave(RunTracker run) => _runs.TryRemove(run, out _);

    /// <summary>
    /// The place of a model in this process; <see langword="null"/> when it has none. Unlike <see cref="SlotOf"/>, it makes none: names may
    /// come from outside.
    /// </summary>
    internal ModelSlot? FindSlot(string name) => _slots.GetValueOrDefault(name);

    /// <summary>The places of all models in this process.</summary>
    internal IReadOnlyCollection<ModelSlot> Slots => [.. _slots.Values];

    /// <summary>The place of a model in this process.</summary>
    internal ModelSlot SlotOf(string name)
    {
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _disposed) != 0, this);
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        return _slots.GetOrAdd(name, endpoint => new ModelSlot(endpoint, Calls)
        {
            LiveNames = () => _slots.Where(each => each.Value.Route is not null).Select(each => each.Key),
        });
    }
}
