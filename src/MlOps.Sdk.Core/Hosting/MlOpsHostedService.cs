using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using MlOps.Sdk.Deployment;
using MlOps.Sdk.Diagnostics;
using MlOps.Sdk.Registry;

namespace MlOps.Sdk;

/// <summary>Opens the workspace when the host starts, serves the endpoints, and looks after the monitors. Thread-safe.</summary>
public sealed class MlOpsHostedService : IHostedService, IAsyncDisposable
{
    private static readonly TimeSpan s_shortestPause = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_longestPause = TimeSpan.FromMinutes(1);

    private readonly IServiceProvider _services;
    private readonly MlOpsOptions _options;
    private readonly TaskCompletionSource<Workspace> _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _stop = new();
    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private Task _work = Task.CompletedTask;
    private int _disposed;

    /// <summary>Creates the service; the container does.</summary>
    /// <param name="services">The container.</param>
    /// <param name="options">The options.</param>
    public MlOpsHostedService(IServiceProvider services, IOptions<MlOpsOptions> options)
    {
        _services = services;
        _options = options.Value;
        _logger = LoggerFactory.CreateLogger("MlOps.Sdk.Host");
        _time = services.GetService<TimeProvider>() ?? TimeProvider.System;
    }

    /// <summary>The open workspace.</summary>
    /// <exception cref="MlOpsException">It is not open yet, or could not be opened.</exception>
    public Workspace Workspace => _ready.Task.IsCompletedSuccessfully
        ? _ready.Task.Result
        : throw new MlOpsException(
            "The workspace is not open yet.",
            "Await MlOpsHostedService.WaitUntilReadyAsync(), or use it after the host has started.");

    private ILoggerFactory LoggerFactory => _services.GetService<ILoggerFactory>() ?? NullLoggerFactory.Instance;

    /// <summary>Waits until the workspace is open.</summary>
    /// <param name="cancellationToken">Cancels the waiting.</param>
    public Task<Workspace> WaitUntilReadyAsync(CancellationToken cancellationToken = default) => _ready.Task.WaitAsync(cancellationToken);

    /// <inheritdoc/>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        Workspace? opened = null;
        try
        {
            // Mistakes in a lifecycle keep the host from starting rather than wait for its first run.
            var lifecycles = _services
                .GetServices<LifecycleRegistration>()
                .Select(registration => _services.GetRequiredKeyedService<Lifecycle>(registration.Name))
                .ToArray();
            var options = new WorkspaceOptions
            {
                Path = _options.Workspace,
                Time = _time,
                LoggerFactory = LoggerFactory,
                TrainingThreads = _options.TrainingThreads
            };
            if (_options.Actor is { } actor) options.Actor = actor;
            foreach (var reader in _services.GetServices<ReaderRegistration>()) reader.Add(options.Readers);
            var workspace = opened = await Workspace.OpenAsync(options, cancellationToken).ConfigureAwait(false);
            foreach (var endpoint in _services.GetServices<EndpointRegistration>())
            {
                workspace.WatchEndpoint(endpoint.Model, live => Check(endpoint, live));
            }
            var feeds = _services.GetServices<EndpointRegistration>().Where(endpoint => endpoint.Feed is not null).ToArray();
            foreach (var endpoint in feeds) await ImportAsync(workspace, endpoint, atStart: true, cancellationToken).ConfigureAwait(false);
            foreach (var model in _services.GetServices<EndpointRegistration>().Select(endpoint => endpoint.Model).Distinct())
            {
                if (await workspace.Models.FindByAliasAsync(model, ModelRegistry.Champion, cancellationToken).ConfigureAwait(false) is null)
                {
                    HostLog.NothingToServe(
                        _logger,
                        model,
                        lifecycles.Any(lifecycle => lifecycle.Name == model) ? "" : "; no lifecycle of this host has that name");
                }
                else
                {
                    await workspace.ServeAsync(model, cancellationToken).ConfigureAwait(false);
                }
            }

            _ready.SetResult(workspace);
            var work = feeds
                .Select(endpoint => Task.Run(() => FollowAsync(workspace, endpoint, _stop.Token), CancellationToken.None))
                .ToList();
            if (lifecycles.Length > 0 && (_options.RunAtStart || _options.CheckInterval is not null))
            {
                work.Add(Task.Run(() => WorkAsync(workspace, lifecycles, _stop.Token), CancellationToken.None));
            }
            _work = Task.WhenAll(work);
        }
        catch (Exception e)
        {
            _ready.TrySetException(e);
            if (opened is not null) await opened.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <inheritdoc/>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _work.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        // The container knows the service under two names.
        if (Interlocked.Exchange(ref _disposed, 1) != 0) return;
        await _stop.CancelAsync().ConfigureAwait(false);

        // Whether the work failed is for StopAsync to say; the workspace is closed in any case.
        await _work.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (_ready.Task.IsCompletedSuccessfully) await Workspace.DisposeAsync().ConfigureAwait(false);
        _stop.Dispose();
    }

    // A mistake in the class of an endpoint shows when a version goes live, not only when somebody asks it.
    private void Check(EndpointRegistration endpoint, LiveModel live)
    {
        try
        {
            endpoint.Check(live);
        }
        catch (Exception e)
        {
            HostLog.CannotBeAsked(
                _logger, endpoint.Model, live.Version, endpoint.Types, e.Message, e is MlOpsException ? null : e);
        }
    }

    // A feed that cannot be imported keeps the host from starting only when there would be nothing to serve.
    private async Task<bool> ImportAsync(
        Workspace workspace, EndpointRegistration endpoint, bool atStart, CancellationToken cancellationToken)
    {
        try
        {
            await endpoint.Feed!.ImportAsync(workspace, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            if (atStart
                && await workspace.Models.FindByAliasAsync(
                    endpoint.Model, ModelRegistry.Champion, cancellationToken).ConfigureAwait(false) is null)
            {
                throw;
            }
            HostLog.NotImported(
                _logger,
                endpoint.Feed!.Name,
                endpoint.Model,
                Secrets.Blank(e.Message),
                e is MlOpsException ? null : Secrets.Blank(e));
            return false;
        }
    }

    // A feed that fails must neither stay unfollowed nor keep the process busy: each failure in a row doubles the wait.
    private async Task FollowAsync(Workspace workspace, EndpointRegistration endpoint, CancellationToken cancellationToken)
    {
        try
        {
            var pause = s_shortestPause;
            while (true)
            {
                if (await WaitForChangeAsync(endpoint, cancellationToken).ConfigureAwait(false)
                    && await ImportAsync(workspace, endpoint, atStart: false, cancellationToken).ConfigureAwait(false))
                {
                    pause = s_shortestPause;
                    continue;
                }

                await Task.Delay(pause, _time, cancellationToken).ConfigureAwait(false);
                pause = pause * 2 < s_longestPause ? pause * 2 : s_longestPause;
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The host stops.
        }
    }

    private async Task<bool> WaitForChangeAsync(EndpointRegistration endpoint, CancellationToken cancellationToken)
    {
        try
        {
            await endpoint.Feed!.WaitForChangeAsync(_time, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            HostLog.NotFollowed(
                _logger,
                endpoint.Feed!.Name,
                endpoint.Model,
                Secrets.Blank(e.Message),
                e is MlOpsException ? null : Secrets.Blank(e));
            return false;
        }
    }

    private async Task WorkAsync(Workspace workspace, Lifecycle[] lifecycles, CancellationToken cancellationToken)
    {
        try
        {
            foreach (var lifecycle in lifecycles.Where(_ => _options.RunAtStart))
            {
                await TryAsync(
                    lifecycle,
                    () => lifecycle.RunAsync(
                        workspace, new RunOptions { Cause = "host start", Services = _services }, null, cancellationToken),
                    cancellationToken).ConfigureAwait(false);
            }
            if (_options.CheckInterval is not { } interval) return;
            foreach (var lifecycle in lifecycles.Where(lifecycle => lifecycle.IsMonitored)) lifecycle.Watch(workspace, _services);
            using var timer = new PeriodicTimer(interval, _time);
            while (await timer.WaitForNextTickAsync(cancellationToken).ConfigureAwait(false))
            {
                foreach (var lifecycle in lifecycles.Where(lifecycle => lifecycle.IsMonitored))
                {
                    await TryAsync(lifecycle, async () =>
                    {
                        await workspace.Monitor(lifecycle.Name).CheckAsync(cancellationToken).ConfigureAwait(false);
                        if (!lifecycle.Retrains) return;
                        if (await lifecycle.FindMissingAsync(workspace, _services, cancellationToken).ConfigureAwait(false) is { } missing)
                        {
                            HostLog.Waits(_logger, lifecycle.Name, missing);
                        }
                        else
                        {
                            await lifecycle.RetrainAsync(
                                workspace, new RunOptions { Services = _services }, null, cancellationToken).ConfigureAwait(false);
                        }
                    }, cancellationToken).ConfigureAwait(false);
                }
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The host stops.
        }
    }

    // One lifecycle that fails must not keep the others from being looked after.
    private async Task TryAsync(Lifecycle lifecycle, Func<Task> work, CancellationToken cancellationToken)
    {
        try
        {
            await work().ConfigureAwait(false);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            // What a run logged already, with all there is to know, needs no second stack trace.
            HostLog.Failed(
                _logger,
                lifecycle.Name,
                Secrets.Blank(e.Message),
                _options.CheckInterval is null ? "" : " It is tried again at the next interval.",
                e is MlOpsException ? null : Secrets.Blank(e));
        }
    }
}
