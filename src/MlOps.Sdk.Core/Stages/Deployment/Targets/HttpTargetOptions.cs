using System.Buffers;

namespace MlOps.Sdk.Deployment;

/// <summary>How releases are sent to a server of models.</summary>
public sealed class HttpTargetOptions
{
    private static readonly TimeSpan s_longest = TimeSpan.FromMinutes(5);

    // Of RFC 9110: a name of a header.
    private static readonly SearchValues<char> s_token = SearchValues.Create(
        "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    /// <summary>The header that says who asks, for example <c>X-Api-Key</c>. Default: <c>Authorization</c>.</summary>
    public string HeaderName { get; set; } = "Authorization";

    /// <summary>
    /// Gives the value of the header, for example <c>Bearer …</c>; called for each request, so that it can be changed while the process
    /// runs. It is kept nowhere and never logged. Default: <see langword="null"/>, the requests have no such header.
    /// </summary>
    public Func<CancellationToken, ValueTask<string>>? HeaderValue { get; set; }

    /// <summary>
    /// The client, for a proxy or certificates of your own; it is not disposed. Make its handler with <c>AllowAutoRedirect = false</c>: a
    /// redirect is an error. Default: <see langword="null"/>, one that all targets share.
    /// </summary>
    public HttpClient? Client { get; set; }

    /// <summary>
    /// The longest that a request may take, with the sending of the release: 1 second to 5 minutes, after which a target is left to itself.
    /// Default: 4 minutes.
    /// </summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromMinutes(4);

    /// <summary>Takes the value of the header from an environment variable, which is read for each request.</summary>
    /// <param name="variable">The variable's name.</param>
    public void HeaderFromEnvironment(string variable)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(variable);
        HeaderValue = _ => ValueTask.FromResult(Environment.GetEnvironmentVariable(variable) is { Length: > 0 } value
            ? value
            : throw new MlOpsException(
                $"The environment variable '{variable}' is not set.", "Set it to what the server of models expects of who releases."));
    }

    /// <summary>The options as they are now, which nobody changes later.</summary>
    internal HttpTargetOptions Checked()
    {
        if (string.IsNullOrEmpty(HeaderName) || HeaderName.AsSpan().ContainsAnyExcept(s_token))
        {
            throw new ArgumentException("The name of the header has characters that no header can have.", nameof(HeaderName));
        }
        if (Timeout < TimeSpan.FromSeconds(1) || Timeout > s_longest)
        {
            throw new ArgumentOutOfRangeException(nameof(Timeout), Timeout, "The time is between 1 second and 5 minutes.");
        }
        return (HttpTargetOptions)MemberwiseClone();
    }
}
