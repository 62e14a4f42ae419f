using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using MlOps.Sdk.Deployment;
using MlOps.Sdk.Diagnostics;

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
            foreach (var model in (string[])[.. ReleaseFolder.EndpointsOf(source.Folder).Where(isWanted).Union(_seen.Keys)])
            {
                await TryAsync(model, ReleaseFolder.Find(source.Folder, model)!, cancellationToken).ConfigureAwait(false);
            }
            _problems.TryRemove("", out _);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Tell("", $"The folder cannot be read: {e.Message}", null);
        }
        Interlocked.Increment(ref _looks);
    }

    private async Task TryAsync(string model, ReleaseFolder folder, CancellationToken cancellationToken)
    {
        var seen = _seen.GetValueOrDefault(model);
        var (exists, found) = folder.Look();
        if (found is not { } current)
        {
            if (exists) Tell(model, "Its current.json cannot be read, or is not one of this version of the library.", null);
            else if (seen is not null) Tell(model, "Its current.json is gone. Check whether the folder is mounted, and its rights.", null);
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
            Tell(model, Secrets.Blank(e.Message), e is MlOpsException ? null : Secrets.Blank(e));
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
                    $"The file '{current.File}', which current.json names, is not there, or is not the one that was written.",
                    "If another program copies the folder, let it copy current.json last. Else the workspace that releases writes the " +
                        "file again at its next MlOpsOptions.ReconcileInterval.");
            }
            current = next;
        }
    }

    // A failure that repeats is logged once.
    private void Tell(string model, string problem, Exception? exception)
    {
        if (_problems.TryGetValue(model, out var told) && told == problem) return;
        _problems[model] = problem;
        HostLog.ReleaseNotTakenUp(logger, model.Length == 0 ? "any model" : model, source.Folder, problem, exception);
    }

    private sealed record Seen(CurrentRelease Current, long At, TimeSpan? Pause);
}
