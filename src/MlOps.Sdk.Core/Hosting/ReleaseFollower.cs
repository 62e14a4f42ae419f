using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using MlOps.Sdk.Deployment;
using MlOps.Sdk.Diagnostics;
using MlOps.Sdk.Registry;

namespace MlOps.Sdk;

/// <summary>
/// Takes up the releases that another workspace hands over through a folder. The folder is looked at in intervals: network drives do not
/// tell of every change. A release that cannot be taken up is tried again with growing pauses, and the version before stays live.
/// </summary>
internal sealed class ReleaseFollower(
    Workspace workspace,
    ReleaseSource source,
    Func<string, bool> isWanted,
    TimeProvider time,
    ILogger logger)
{
    private const int Rereads = 3;
    private static readonly TimeSpan s_longestPause = TimeSpan.FromMinutes(10);

    private readonly Dictionary<string, Seen> _seen = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, string> _problems = new(StringComparer.Ordinal);
    private long _looks;

    public string Name => source.Folder;

    /// <summary>How often it has looked.</summary>
    public long Looks => Interlocked.Read(ref _looks);

    /// <summary>Why the newest release of a model is not taken up, by model.</summary>
    public IReadOnlyDictionary<string, string> Problems => _problems;

    /// <summary>Follows until it is cancelled.</summary>
    public async Task FollowAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(source.Interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken).ConfigureAwait(false))
            {
                await LookAsync(cancellationToken).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The host stops.
        }
    }

    /// <summary>Looks once at every model of the folder, each by itself.</summary>
    public async Task LookAsync(CancellationToken cancellationToken)
    {
        try
        {
            var endpoints = ReleaseFolder.EndpointsOf(source.Folder);
            if (endpoints.Count > 0)
            {
                foreach (var model in (string[])[.. endpoints.Where(isWanted).Union(_seen.Keys)])
                {
                    await TryAsync(model, ReleaseFolder.Find(source.Folder, model)!, cancellationToken).ConfigureAwait(false);
                }
                _problems.TryRemove("", out _);
            }
            else
            {
                // A drive that is not mounted leaves an empty folder behind.
                await TellAsync(
                    "",
                    Directory.Exists(source.Folder)
                        ? "The folder has no release. If one was made, check whether the folder is mounted here."
                        : "The folder is not there. Check its path, and whether it is mounted here.",
                    null,
                    cancellationToken).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            await TellAsync(
                "", $"The folder cannot be read: {e.Message} {ReleaseFolder.Rights}", null, cancellationToken).ConfigureAwait(false);
        }
        Interlocked.Increment(ref _looks);
    }

    private async Task TryAsync(string model, ReleaseFolder folder, CancellationToken cancellationToken)
    {
        var seen = _seen.GetValueOrDefault(model);
        var (found, problem) = folder.Look();
        if (found is not { } current)
        {
            // Before the first release, there is none.
            problem ??= seen is not null || await IsLiveAsync(model, cancellationToken).ConfigureAwait(false)
                ? "Its current.json is gone. Copy the folder again, or let the workspace that releases write it, at its next " +
                    "MlOpsOptions.ReconcileInterval."
                : null;
            if (problem is not null) await TellAsync(model, problem, null, cancellationToken).ConfigureAwait(false);
            return;
        }
        if (current == seen?.Current && seen.Pause is null)
        {
            _problems.TryRemove(model, out _);
            return;
        }
        if (current == seen?.Current && seen.Pause is { } wait && time.GetElapsedTime(seen.At) < wait) return;
        try
        {
            var (read, file) = await ReadAsync(folder, current, source.Limit, cancellationToken).ConfigureAwait(false);
            current = read;
            await workspace.Receiver.ReceiveAsync(file, model, cancellationToken).ConfigureAwait(false);
            _seen[model] = new Seen(current, time.GetTimestamp(), Pause: null);
            _problems.TryRemove(model, out _);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            var pause = current == seen?.Current && seen.Pause is { } before ? before * 2 : source.Interval;
            _seen[model] = new Seen(current, time.GetTimestamp(), pause < s_longestPause ? pause : s_longestPause);
            await TellAsync(model, Secrets.Blank(e.Message), e is MlOpsException ? null : Secrets.Blank(e), cancellationToken)
                .ConfigureAwait(false);
        }
    }

    // What is read may be replaced, and removed, between the two files.
    private static async Task<(CurrentRelease Current, byte[] File)> ReadAsync(
        ReleaseFolder folder, CurrentRelease current, long limit, CancellationToken cancellationToken)
    {
        for (var reads = 0; ; reads++)
        {
            if (await folder.ReadAsync(current, cancellationToken, limit).ConfigureAwait(false) is { } file) return (current, file);
            if (reads == Rereads || folder.ReadCurrent() is not { } next)
            {
                throw new MlOpsException(
                    folder.ExplainMissing(current),
                    "If another program copies the folder, let it copy current.json last. Else the workspace that releases writes the " +
                        "file again at its next MlOpsOptions.ReconcileInterval.");
            }
            current = next;
        }
    }

    // A failure that repeats is logged once.
    private async Task TellAsync(string model, string problem, Exception? exception, CancellationToken cancellationToken)
    {
        if (_problems.TryGetValue(model, out var told) && told == problem) return;
        _problems[model] = problem;
        HostLog.ReleaseNotTakenUp(
            logger,
            model.Length == 0 ? "any model" : model,
            source.Folder,
            await IsLiveAsync(model, cancellationToken).ConfigureAwait(false) ? "what is live stays" : "no version is live",
            problem,
            exception);
    }

    // When the host starts, what is live is not served yet.
    private async Task<bool> IsLiveAsync(string model, CancellationToken cancellationToken)
    {
        var models = model.Length > 0
            ? [model]
            : (await workspace.Models.ModelsAsync(cancellationToken).ConfigureAwait(false)).Where(isWanted);
        foreach (var name in models)
        {
            if (await workspace.Models.FindByAliasAsync(name, ModelRegistry.Champion, cancellationToken).ConfigureAwait(false) is not null)
            {
                return true;
            }
        }

        return false;
    }

    private sealed record Seen(CurrentRelease Current, long At, TimeSpan? Pause);
}
