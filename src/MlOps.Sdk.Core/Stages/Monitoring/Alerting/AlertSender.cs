using Microsoft.Extensions.Logging;
using MlOps.Sdk.Diagnostics;
using MlOps.Sdk.Plugins;

namespace MlOps.Sdk.Monitoring;

/// <summary>
/// Hands alerts to the sinks of a lifecycle. One that fails keeps no other from its alert, nor does one that hangs: it is left behind after
/// two minutes, or when the caller is cancelled. Thread-safe.
/// </summary>
internal sealed class AlertSender(IReadOnlyList<Func<IServiceProvider, IAlertSink>> sinks, TimeProvider time, ILogger logger)
{
    /// <summary>How long a sink may take.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    /// <returns>Which sinks failed, and how; <see langword="null"/> when none did.</returns>
    public async Task<string?> SendAsync(Alert alert, IServiceProvider scoped, CancellationToken cancellationToken)
    {
        var failures = new List<string>();
        foreach (var create in sinks)
        {
            var name = "a sink that could not be created";
            using var limit = new CancellationTokenSource(Limit, time);
            using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
            var token = both.Token;
            try
            {
                await PluginPatience.CallAsync(
                    async () =>
                    {
                        var sink = create(scoped);
                        name = sink.GetType().Name;
                        if (alert.Kind != AlertKind.Resolved || sink.WantsResolved)
                        {
                            await sink.SendAsync(alert, token).ConfigureAwait(false);
                        }
                        return true;
                    },
                    atWork =>
                    {
                        PluginServices.KeepUntil(scoped, atWork);
                        MonitoringLog.LeftBehind(logger, $"alert sink {name}", alert.Model);
                    },
                    token).ConfigureAwait(false);
            }
            catch (Exception e) when (!cancellationToken.IsCancellationRequested)
            {
                MonitoringLog.AlertFailed(logger, name, Secrets.Blank(e));
                var why = limit.IsCancellationRequested && e is OperationCanceledException
                    ? $"it did not end within {Limit.TotalMinutes:0} minutes"
                    : Secrets.Blank(e.Message);
                failures.Add($"{name}: {why}");
            }
        }

        return failures.Count == 0 ? null : string.Join("; ", failures);
    }

    /// <summary>Tells the sinks that want to know of an alert that is over.</summary>
    public async Task SendAsync(AlertRecord ended, DateTimeOffset at, IServiceProvider scoped, CancellationToken cancellationToken)
    {
        var message = $"{ended.Model} version {ended.Version}: {ended.Ended?.Reason}. The alert was: {ended.Message}";
        MonitoringLog.Resolved(logger, ended.Model, ended.Id, ended.Ended?.Reason ?? "");
        await SendAsync(
            new Alert(
                ended.Id, ended.Model, ended.Version, at, [.. ended.Subjects.Select(subject => subject.Signal).Distinct()], message)
            {
                Kind = AlertKind.Resolved, Subjects = ended.Subjects,
            },
            scoped,
            cancellationToken).ConfigureAwait(false);
    }
}
