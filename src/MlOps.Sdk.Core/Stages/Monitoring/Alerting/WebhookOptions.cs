namespace MlOps.Sdk.Monitoring;

/// <summary>How alerts are sent to a webhook.</summary>
public sealed class WebhookOptions
{
    /// <summary>How an alert is written. Default: <see cref="WebhookFormat.Json"/>.</summary>
    public WebhookFormat Format { get; set; } = WebhookFormat.Json;

    /// <summary>
    /// Gives the secret that requests are signed with, not empty; called for each alert, so that it can be changed while the process runs.
    /// Default: <see langword="null"/>, requests are not signed. It is kept nowhere.
    /// </summary>
    public Func<CancellationToken, ValueTask<string>>? Secret { get; set; }

    /// <summary>
    /// Gives a second secret, which requests are signed with, too; <see langword="null"/> or empty where there is none. With it a secret is
    /// changed without a loss: sign with both, change that of the receiver, and sign with the new one alone. Default:
    /// <see langword="null"/>. It is kept nowhere, and nothing without <see cref="Secret"/>.
    /// </summary>
    public Func<CancellationToken, ValueTask<string?>>? OtherSecret { get; set; }

    /// <summary>Whether it is also told that an alert is resolved. Default: no.</summary>
    public bool SendResolved { get; set; }

    /// <summary>
    /// The client, for headers or a proxy of your own; it is not disposed. Make its handler with <c>AllowAutoRedirect = false</c>: a
    /// redirect is an error. Default: <see langword="null"/>, one that all webhooks share.
    /// </summary>
    public HttpClient? Client { get; set; }

    /// <summary>
    /// How often a request is repeated that could not be sent, or was answered with 408, 429 or 5xx: 0 to 10. The pauses double, from a
    /// second on, with jitter; <c>Retry-After</c> is honoured. Default: 4.
    /// </summary>
    public int Retries { get; set; } = 4;

    /// <summary>
    /// The longest that a single request may take: 10 milliseconds to 2 minutes, and never longer than <see cref="Timeout"/>, which is the
    /// time of all of them. Default: 10 seconds.
    /// </summary>
    public TimeSpan RequestTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// The longest that an alert may take, with all repetitions: 10 milliseconds to 2 minutes, which is how long a check waits for a
    /// sink. Default: 30 seconds.
    /// </summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Signs requests with the secret in an environment variable, which is read for each alert.</summary>
    /// <param name="variable">The variable's name.</param>
    /// <param name="otherVariable">
    /// The name of a variable with a second secret while secrets are changed, which may be unset at other times. Default: none.
    /// </param>
    public void SignWithEnvironment(string variable, string? otherVariable = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(variable);
        OtherSecret = otherVariable is null ? null : _ => ValueTask.FromResult(Environment.GetEnvironmentVariable(otherVariable));
        Secret = _ => ValueTask.FromResult(Environment.GetEnvironmentVariable(variable) is { Length: > 0 } secret
            ? secret
            : throw new MlOpsException(
                $"The environment variable '{variable}' is not set.", "Set it to the secret that the receiver of the webhook knows."));
    }

    /// <summary>The options as they are now, which nobody changes later.</summary>
    internal WebhookOptions Checked()
    {
        if (!Enum.IsDefined(Format)) throw new ArgumentOutOfRangeException(nameof(Format), Format, "The format is not defined.");
        if (Retries is < 0 or > 10) throw new ArgumentOutOfRangeException(nameof(Retries), Retries, "Retries are between 0 and 10.");
        Check(RequestTimeout, nameof(RequestTimeout));
        Check(Timeout, nameof(Timeout));
        return (WebhookOptions)MemberwiseClone();
    }

    private static void Check(TimeSpan time, string name)
    {
        if (time < TimeSpan.FromMilliseconds(10) || time > AlertSender.Limit)
        {
            throw new ArgumentOutOfRangeException(name, time, "The time is between 10 milliseconds and 2 minutes.");
        }
    }
}
