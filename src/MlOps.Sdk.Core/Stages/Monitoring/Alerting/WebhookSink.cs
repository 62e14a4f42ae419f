namespace MlOps.Sdk.Monitoring;

/// <summary>Posts alerts to a web address. Thread-safe.</summary>
internal sealed class WebhookSink : IAlertSink
{
    private readonly WebhookClient _client;

    /// <exception cref="ArgumentException">The address is not one that may be called, or an option is out of its range.</exception>
    public WebhookSink(string url, WebhookOptions options, TimeProvider? time = null) => _client = new WebhookClient(url, options, time);

    public bool WantsResolved => _client.Options.SendResolved;

    /// <exception cref="MlOpsException">It could not be delivered in time.</exception>
    public async ValueTask SendAsync(Alert alert, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(alert);
        var body = WebhookBody.Write(alert, _client.Options.Format);
        await _client.PostAsync($"{alert.Id}-{alert.Kind}", body, cancellationToken).ConfigureAwait(false);
    }
}
