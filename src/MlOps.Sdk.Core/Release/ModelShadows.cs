using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using MlOps.Sdk.Deployment;
using MlOps.Sdk.Storage;

namespace MlOps.Sdk;

/// <summary>The shadows of this process, and what those of all processes answered. Thread-safe.</summary>
internal sealed class ModelShadows(ShadowTable table, TimeProvider time, ILogger logger) : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly ConcurrentDictionary<string, ShadowLedger> _ledgers = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<Shadow, string> _shadows = [];

    /// <summary>Makes a shadow.</summary>
    public Shadow New(string model, string name, LiveModel live)
    {
        foreach (var ended in _shadows.Keys.Where(shadow => shadow.IsOver)) _shadows.TryRemove(ended, out _);
        var next = new Shadow(model, name, live, LedgerOf(model), time, logger);
        _shadows[next] = model;
        return next;
    }

    public async Task<IReadOnlyList<ShadowSummary>> SummarizeAsync(string model, CancellationToken cancellationToken)
    {
        var answers = await AnswersAsync(model, ShadowTable.DefaultKept, cancellationToken).ConfigureAwait(false);
        var dropped = await table.DroppedAsync(model, cancellationToken).ConfigureAwait(false);
        var byVersion = answers.ToLookup(answer => answer.ShadowVersion);
        return
        [
            .. byVersion.Select(group => group.Key).Union(dropped.Keys).OrderDescending().Select(version =>
                ShadowSummary.Of(model, version, [.. byVersion[version]], dropped.GetValueOrDefault(version))),
        ];
    }

    public async Task<IReadOnlyList<ShadowAnswer>> AnswersAsync(string model, int limit, CancellationToken cancellationToken)
    {
        if (_ledgers.TryGetValue(model, out var ledger)) await ledger.FlushAsync(cancellationToken).ConfigureAwait(false);
        var rows = await table.ReadAsync(model, limit, cancellationToken).ConfigureAwait(false);
        return [.. rows.Select(row => StoredRecord.Read($"a shadow's answer of '{model}'", () => ToAnswer(row)))];
    }

    /// <summary>Waits a little for shadows that were closed, leaves behind those that do not return, and stores what is left.</summary>
    public async ValueTask DisposeAsync()
    {
        var ended = Task.WhenAll(_shadows.Keys.Select(shadow => shadow.Ended));
        await ended.WaitAsync(Patience).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        foreach (var (shadow, model) in _shadows)
        {
            if (!shadow.Ended.IsCompleted) DeploymentLog.ShadowLeftBehind(logger, model, shadow.Live.Version);
        }

        await Task.WhenAll(_ledgers.Values.Select(ledger => ledger.DisposeAsync().AsTask())).ConfigureAwait(false);
    }

    private ShadowLedger LedgerOf(string model) => _ledgers.GetOrAdd(model, name => new ShadowLedger(name, table, time, logger));

    private static ShadowAnswer ToAnswer(ShadowRow row) => new(
        PredictionId.Parse(row.Id),
        Ticks.ToTime(row.At),
        row.Arm,
        row.LiveVersion,
        row.ShadowVersion,
        row.LiveScore,
        row.ShadowScore,
        row.LiveLabel,
        row.ShadowLabel,
        TimeSpan.FromTicks(row.Latency),
        row.Error);
}
