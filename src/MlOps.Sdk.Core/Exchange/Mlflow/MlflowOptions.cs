namespace MlOps.Sdk;

/// <summary>Where runs are sent: a tracking server of MLflow, or one with its REST API 2.0.</summary>
public sealed class MlflowOptions
{
    private static readonly TimeSpan s_longest = TimeSpan.FromHours(1);

    /// <summary>
    /// The address of the server, for example <c>https://mlflow.example.com</c>, with the path before <c>/api/2.0</c> where it has one.
    /// Only this machine may be reached with http.
    /// </summary>
    public required Uri Server { get; set; }

    /// <summary>
    /// The experiment of MLflow, which is created when missing, up to 500 characters. Default: <see langword="null"/>, one for each
    /// lifecycle or experiment, of its name.
    /// </summary>
    public string? Experiment { get; set; }

    /// <summary>
    /// Gives the value of the header <c>Authorization</c>, for example <c>Bearer …</c> or <c>Basic …</c>; called for each request. It is
    /// kept nowhere and never logged. Several requests may ask at once. Default: <see langword="null"/>, the requests have no such header.
    /// </summary>
    public Func<CancellationToken, ValueTask<string>>? Authorization { get; set; }

    /// <summary>
    /// The client, for a proxy or certificates of your own; it is not disposed of. Make its handler with <c>AllowAutoRedirect = false</c>:
    /// a redirect is an error. Default: <see langword="null"/>, one that all exports share.
    /// </summary>
    public HttpClient? Client { get; set; }

    /// <summary>
    /// The longest that a request may take, 1 second to 1 hour; the upload of an artifact has a second more for each megabyte. Default: 1
    /// minute.
    /// </summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// How often a request is repeated that may succeed later: after 429, 5xx or no answer, with pauses that grow from a second to half a
    /// minute, or as long as the server says. 0 to 10. Default: 4.
    /// </summary>
    public int Retries { get; set; } = 4;

    /// <summary>How many runs are sent at once, 1 to 32. Default: 4.</summary>
    public int Concurrency { get; set; } = 4;

    /// <summary>Takes the header from an environment variable, which is read for each request.</summary>
    /// <param name="variable">The variable's name.</param>
    public void AuthorizationFromEnvironment(string variable)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(variable);
        Authorization = _ => ValueTask.FromResult(Environment.GetEnvironmentVariable(variable) is { Length: > 0 } value
            ? value
            : throw new MlOpsException(
                $"The environment variable '{variable}' is not set.", "Set it to the header that the MLflow server expects."));
    }

    /// <summary>The options as they are now, which nobody changes later; the address ends with a slash.</summary>
    internal MlflowOptions Checked()
    {
        ArgumentNullException.ThrowIfNull(Server);
        if (!Server.IsAbsoluteUri || Server.Scheme is not ("https" or "http"))
        {
            throw new ArgumentException("The address of the MLflow server must be absolute, and begin with https.", nameof(Server));
        }
        if (Server.UserInfo.Length > 0 || Server.Query.Length > 0 || Server.Fragment.Length > 0)
        {
            throw new ArgumentException(
                $"The address of the MLflow server at '{Server.Host}' has a user, a query or a fragment: give who asks by Authorization.",
                nameof(Server));
        }
        if (Server.Scheme == "http" && !Server.IsLoopback)
        {
            throw new ArgumentException(
                $"The MLflow server at '{Server.Host}' is reached without encryption: use https. Only this machine may be reached with " +
                    "http.",
                nameof(Server));
        }
        if (Experiment is not null && (string.IsNullOrWhiteSpace(Experiment) || Experiment.Length > MlflowText.LongestExperiment))
        {
            throw new ArgumentException("The name of an experiment has 1 to 500 characters.", nameof(Experiment));
        }
        if (Timeout < TimeSpan.FromSeconds(1) || Timeout > s_longest)
        {
            throw new ArgumentOutOfRangeException(nameof(Timeout), Timeout, "The time is between 1 second and 1 hour.");
        }
        if (Retries is < 0 or > 10) throw new ArgumentOutOfRangeException(nameof(Retries), Retries, "Repeat 0 to 10 times.");
        if (Concurrency is < 1 or > 32)
        {
            throw new ArgumentOutOfRangeException(nameof(Concurrency), Concurrency, "Send 1 to 32 runs at once.");
        }
        var copy = (MlflowOptions)MemberwiseClone();
        if (!Server.AbsolutePath.EndsWith('/')) copy.Server = new Uri($"{Server.AbsoluteUri}/");
        return copy;
    }
}
