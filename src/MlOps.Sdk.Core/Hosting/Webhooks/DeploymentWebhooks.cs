using System.Collections.Concurrent;
using MlOps.Sdk.Data;
using MlOps.Sdk.Monitoring;

namespace MlOps.Sdk;

/// <summary>The webhooks of a host that are told of what happens to models, to be injected. Thread-safe.</summary>
public sealed class DeploymentWebhooks
{
    private readonly Dictionary<string, WebhookClient> _clients = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, string> _problems = new(StringComparer.Ordinal);
    private readonly TimeProvider _time;

    internal DeploymentWebhooks(IEnumerable<DeploymentWebhookRegistration> registrations, TimeProvider? time)
    {
        _time = time ?? TimeProvider.System;
        foreach (var webhook in registrations) _clients.Add(webhook.Name, new WebhookClient(webhook.Url, webhook.Options, _time));
    }

    /// <summary>The names of the webhooks, in the order in which they were added.</summary>
    public IReadOnlyList<string> Names => [.. _clients.Keys];

    /// <summary>
    /// Why a webhook could not be told of an event the last time that this process tried, so that this event and all later ones wait;
    /// <see langword="null"/> where none waits, or another process tells it.
    /// </summary>
    /// <param name="name">The name of the webhook.</param>
    /// <exception cref="ArgumentException">No webhook has that name.</exception>
    public string? ProblemOf(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        Require(name);
        return _problems.GetValueOrDefault(name);
    }

    /// <summary>
    /// Posts an event of the kind <see cref="DeploymentEventKind.Test"/> now, signed and repeated as others are. Nothing is recorded.
    /// </summary>
    /// <param name="name">The name of the webhook.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="ArgumentException">No webhook has that name.</exception>
    /// <exception cref="MlOpsException">It could not be delivered: why, and what to do.</exception>
    public async Task TestAsync(string name, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(name);
        Require(name);
        var now = _time.GetUtcNow();
        var rejection = await TryPostAsync(
            name,
            new DeploymentEvent
            {
                Position = 0,
                Kind = DeploymentEventKind.Test,
                Model = "test",
                At = now,
                Actor = Environment.UserName is { Length: > 0 } user ? user : "unknown",
                Reason = $"A test of the webhook '{name}'.",
            },
            null,
            $"test-{Guid.NewGuid():N}",
            cancellationToken).ConfigureAwait(false);
        if (rejection is not null) throw rejection;
    }

    private void Require(string name)
    {
        if (_clients.ContainsKey(name)) return;
        throw new ArgumentException(
            $"No webhook of this host has the name '{PrintableText.Shorten(name)}'. There are: {string.Join(", ", Names)}.", nameof(name));
    }

    /// <summary>How long a process may take for one event.</summary>
    internal TimeSpan PatienceOf(string name) => _clients[name].Options.Timeout;

    /// <returns>Why the receiver rejects it; <see langword="null"/> when it is delivered.</returns>
    /// <exception cref="MlOpsException">It could not be delivered.</exception>
    internal Task<MlOpsException?> TryPostAsync(
        string name, DeploymentEvent happened, string? workspace, string id, CancellationToken cancellationToken)
    {
        var client = _clients[name];
        return client.TryPostAsync(id, DeploymentEventBody.Write(happened, workspace, client.Options.Format), cancellationToken);
    }

    internal void Note(string name, string? problem)
    {
        if (problem is null) _problems.TryRemove(name, out _);
        else _problems[name] = problem;
    }
}
