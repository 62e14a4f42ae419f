using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using MlOps.Sdk.Deployment;
using MlOps.Sdk.Diagnostics;
using MlOps.Sdk.Packaging;
using MlOps.Sdk.Plugins;
using MlOps.Sdk.Registry;
using MlOps.Sdk.Storage;

namespace MlOps.Sdk;

/// <summary>
/// Opens the workspace when the host starts, serves the endpoints, follows what is promoted, and looks after the lifecycles. Thread-safe.
/// </summary>
public sealed class MlOpsHostedService : IHostedService, IAsyncDisposable
{
    // How long what does not listen to its cancellation is waited for when the host is disposed of; runs have their own grace period.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    private readonly IServiceProvider _services;
    private readonly MlOpsOptions _options;
    private readonly ILoggerFactory _loggers;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private readonly EndpointRegistration[] _endpoints;
    private readonly bool _servesAll;
    private readonly bool _servesNamed;
    private readonly TaskCompletionSource<Workspace> _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _stop = new();
    private readonly RunQueue _queue;
    private PromotionWatcher? _promotions;
    private ReleaseFollower[] _releases = [];
    private (string Name, Task Task)[] _work = [];
    private int _starts;
    private int _disposed;

    /// <summary>Creates the service; the container does.</summary>
    /// <param name="services">The container.</param>
    /// <param name="options">The options.</param>
    /// <param name="loggers">Makes the loggers; <see langword="null"/> for none.</param>
    /// <param name="time">The clock; <see langword="null"/> for the system's.</param>
    public MlOpsHostedService(
        IServiceProvider services, IOptions<MlOpsOptions> options, ILoggerFactory? loggers = null, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(options);
        _services = services;
        _options = options.Value;
        _loggers = loggers ?? NullLoggerFactory.Instance;
        _logger = QuietLogger.Of(_loggers, "MlOps.Sdk.Host");
        _time = time ?? TimeProvider.System;
        _endpoints = [.. services.GetServices<EndpointRegistration>()];
        _queue = new RunQueue(_options.ConcurrentRuns);
        ServedModels[] served = [.. services.GetServices<ServedModels>()];
        _servesAll = served.Any(models => models.Names.Count == 0);
        _servesNamed = served.Length > 0 && !_servesAll;
        Models = [.. _endpoints.Select(endpoint => endpoint.Model).Concat(served.SelectMany(models => models.Names)).Distinct()];
    }

    /// <summary>The open workspace.</summary>
    /// <exception cref="MlOpsException">It is not open yet, or could not be opened.</exception>
    public Workspace Workspace => IsOpen
        ? _ready.Task.Result
        : throw new MlOpsException(
            "The workspace is not open yet.",
            "Await MlOpsHostedService.WaitUntilReadyAsync(), or use it after the host has started.");

    internal bool IsOpen => _ready.Task.IsCompletedSuccessfully && Volatile.Read(ref _disposed) == 0;

    /// <summary>What follows the promotions; <see langword="null"/> before the host has started.</summary>
    internal PromotionWatcher? Promotions => _promotions;

    /// <summary>What follows the folders with releases of other workspaces.</summary>
    internal IReadOnlyList<ReleaseFollower> Releases => _releases;

    /// <summary>The models that are to be served by name.</summary>
    internal IReadOnlyList<string> Models { get; }

    /// <summary>
    /// Whether a model may be called from outside of the process: of models that are named, no others; else all that are live here.
    /// </summary>
    internal bool IsOffered(ModelSlot slot) => Models.Contains(slot.Name) || (!_servesNamed && slot.Route is not null);

    /// <summary>The models that are to be served by name, and with all models those that are served, or were not taken up.</summary>
    internal IReadOnlyList<string> Watched => !_servesAll
        ? Models
        :
        [
            .. Models.Union(Workspace.Slots.Where(slot => slot.Route is not null || slot.Refused is not null).Select(slot => slot.Name)),
        ];

    /// <summary>Whether all models of the workspace are to be served.</summary>
    internal bool ServesAll => _servesAll;

    /// <summary>Waits until the workspace is open, and every endpoint serves what is promoted.</summary>
    /// <param name="cancellationToken">Cancels the waiting.</param>
    public Task<Workspace> WaitUntilReadyAsync(CancellationToken cancellationToken = default) => _ready.Task.WaitAsync(cancellationToken);

    /// <summary>
    /// Opens the workspace, takes up what is promoted, and begins the work in the background. Started once: who wants to start again builds
    /// another host.
    /// </summary>
    /// <param name="cancellationToken">Cancels the start; so does stopping or disposing of the service meanwhile.</param>
    /// <exception cref="InvalidOperationException">It was started already.</exception>
    /// <exception cref="ObjectDisposedException">It is disposed of.</exception>
    /// <exception cref="MlOpsException">A lifecycle has mistakes, or the workspace cannot be opened or served.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _disposed) != 0, this);
        if (Interlocked.Exchange(ref _starts, 1) != 0)
        {
            throw new InvalidOperationException(
                "The MlOps.Sdk host was already started. Start it once; build another host to start again.");
        }
        using var starting = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _stop.Token);
        try
        {
            await BeginAsync(starting.Token).ConfigureAwait(false);
        }
        finally
        {
            _started.SetResult();
        }
    }

    private async Task BeginAsync(CancellationToken cancellationToken)
    {
        Workspace? opened = null;
        try
        {
            cancellationToken.ThrowIfCancellationRequested();

            // Mistakes in a lifecycle keep the host from starting rather than wait for its first run.
            var lifecycles = _services
                .GetServices<LifecycleRegistration>()
                .Select(registration => _services.GetRequiredKeyedService<Lifecycle>(registration.Name))
                .ToArray();
            var workspace = opened = await Workspace.OpenAsync(CreateOptions(), cancellationToken).ConfigureAwait(false);
            HostLog.Opened(_logger, workspace.Path);
            foreach (var endpoint in _endpoints) workspace.SlotOf(endpoint.Model).Add(endpoint.Endpoint);
            foreach (var fallback in _services.GetServices<FallbackRegistration>())
            {
                workspace.UseFallback(fallback.Model, fallback.Rule, fallback.Circuit);
            }
            _promotions = new PromotionWatcher(
                workspace, Models, _servesAll, lifecycles, _endpoints, _options.PromotionInterval, _time, _logger);
            await _promotions.TellAsync(cancellationToken).ConfigureAwait(false);
            FeedFollower[] feeds =
            [
                .. _endpoints
                    .Where(endpoint => endpoint.Feed is not null)
                    .Select(endpoint => new FeedFollower(workspace, endpoint, _time, _logger)),
            ];
            foreach (var feed in feeds) await feed.ImportAsync(atStart: true, cancellationToken).ConfigureAwait(false);
            _releases = FollowersOf(workspace);
            foreach (var follower in _releases) await follower.LookAsync(cancellationToken).ConfigureAwait(false);
            foreach (var model in Models)
            {
                if (await _promotions.FollowAsync(model, cancellationToken).ConfigureAwait(false)) continue;
                var near = await workspace.Models.NearestAsync(model, cancellationToken).ConfigureAwait(false);
                HostLog.NothingToServe(
                    _logger,
                    model,
                    lifecycles.Any(lifecycle => lifecycle.Name == model) ? ""
                        : $"; no lifecycle of this host has that name. {near}".TrimEnd(' ', '.'));
            }

            if (_servesAll) await _promotions.FollowOthersAsync(cancellationToken).ConfigureAwait(false);
            workspace.Ending = EndAsync;
            _ready.SetResult(workspace);
            _work =
            [
                ("promotions", WatchAsync(_promotions)),
                .. _releases.Select(follower => ($"the folder '{follower.Name}'", WorkAsync(follower.FollowAsync))),
                .. feeds.Select(feed => ($"the feed '{feed.Name}'", WorkAsync(feed.FollowAsync))),
                .. Webhooks(workspace).Select(webhook => ($"the webhook '{webhook.Name}'", WorkAsync(webhook.FollowAsync))),
                .. lifecycles.Select(lifecycle => (
                    $"the lifecycle '{lifecycle.Name}'",
                    WorkAsync(new LifecycleWorker(workspace, lifecycle, _services, _options, _queue, _time, _logger).WorkAsync))),
            ];
        }
        catch (Exception e)
        {
            _ready.TrySetException(e);
            _ = _ready.Task.Exception;
            if (_promotions is { } promotions) await RetractAsync(promotions).ConfigureAwait(false);
            if (opened is not null) await opened.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private DeploymentWebhookFollower[] Webhooks(Workspace workspace) => _services.GetService<DeploymentWebhooks>() is { } webhooks
        ? [.. webhooks.Names.Select(name => new DeploymentWebhookFollower(name, webhooks, workspace, _time, _logger))]
        : [];

    /// <summary>
    /// Cancels what is in progress and waits for it. It does not fail: what does not end in time is named in the log, and its run is left
    /// to be resumed.
    /// </summary>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await EndAsync(cancellationToken).ConfigureAwait(false);
        var left = string.Join(", ", _work.Where(work => !work.Task.IsCompleted).Select(work => work.Name));
        if (left.Length > 0) HostLog.LeftAtWork(_logger, left);
    }

    /// <summary>Ends what is in progress, and closes the workspace: what still does not end is left to be resumed.</summary>
    public async ValueTask DisposeAsync()
    {
        // The container knows the service under two names.
        if (Interlocked.Exchange(ref _disposed, 1) != 0) return;
        if (!_ready.Task.IsCompletedSuccessfully) await EndAsync().ConfigureAwait(false);
        if (_ready.Task.IsCompletedSuccessfully) await _ready.Task.Result.DisposeAsync().ConfigureAwait(false);
    }

    private async Task EndAsync()
    {
        using var patience = new CancellationTokenSource(s_patience);
        await EndAsync(patience.Token).ConfigureAwait(false);
    }

    // Cancels what is in progress and waits for it, a start among it.
    private async Task EndAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _stop.CancelAsync().ConfigureAwait(false);
        }
        catch (AggregateException e)
        {
            PluginLog.CancellationFailed(_logger, Secrets.Blank(e));
        }

        if (_starts != 0) await EndsAsync(_started.Task, cancellationToken).ConfigureAwait(false);
        await EndsAsync(Task.WhenAll(_work.Select(work => work.Task)), cancellationToken).ConfigureAwait(false);
    }

    // A host that is not there must not hold back the versions of others, however its lifecycles end.
    private async Task WatchAsync(PromotionWatcher promotions)
    {
        await WorkAsync(promotions.WatchAsync).ConfigureAwait(false);
        await RetractAsync(promotions).ConfigureAwait(false);
    }

    private async Task RetractAsync(PromotionWatcher promotions)
    {
        try
        {
            await promotions.RetractAsync(CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            // It expires by itself.
            HostLog.NotRetracted(_logger, Secrets.Blank(e));
        }
    }

    private static async Task EndsAsync(Task work, CancellationToken cancellationToken) =>
        await work.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    private async Task WorkAsync(Func<CancellationToken, Task> work)
    {
        try
        {
            await work(_stop.Token).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            // What breaks because the host stops is in the record of its run.
            if (_stop.IsCancellationRequested) return;
            var failure = Secrets.Blank(e);
            HostLog.Ended(_logger, failure);
        }
    }

    private ReleaseFollower[] FollowersOf(Workspace workspace)
    {
        ReleaseSource[] sources = [.. _services.GetServices<ReleaseSource>()];
        if (sources.Length > 0 && workspace.Options.Trust is null)
        {
            throw new MlOpsException(
                $"The releases in '{sources[0].Folder}' cannot be followed: the host does not say whose signatures it trusts.",
                "Register a PackageTrust with the public key of the workspace that releases in the container.");
        }
        return
        [
            .. sources.Select(source => new ReleaseFollower(
                workspace, source, model => _servesAll || Models.Count == 0 || Models.Contains(model), _time, _logger)),
        ];
    }

    private WorkspaceOptions CreateOptions()
    {
        var options = new WorkspaceOptions
        {
            Path = _options.Workspace,
            Time = _time,
            LoggerFactory = _loggers,
            TrainingThreads = _options.TrainingThreads,
            RunLogLevel = _options.RunLogLevel,
            RunLogEntries = _options.RunLogEntries,
            RunLogBytes = _options.RunLogBytes,
            ReleasesNotBefore = _options.ReleasesNotBefore,
        };
        if (_options.Actor is { } actor) options.Actor = actor;
        options.Actors = _services.GetService<IActorProvider>();
        options.Artifacts = _services.GetService<IArtifactStore>();
        options.Signer = _services.GetService<PackageSigner>();
        options.Trust = _services.GetService<PackageTrust>();
        foreach (var reader in _services.GetServices<ReaderRegistration>()) reader.Add(options.Readers);
        return options;
    }
}
