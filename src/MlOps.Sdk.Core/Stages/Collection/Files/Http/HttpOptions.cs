namespace MlOps.Sdk.Collection;

/// <summary>How a file is downloaded.</summary>
public sealed class HttpOptions
{
    /// <summary>
    /// The client, for headers, credentials or a proxy of one's own; it is not disposed. Default: <see langword="null"/>, one that all
    /// sources share. Its time limit holds until the answer begins, and then for each piece of it. A client that follows redirects itself
    /// takes its headers along before the source can look; make its handler with <c>AllowAutoRedirect = false</c>, and the source follows.
    /// </summary>
    public HttpClient? Client { get; set; }

    /// <summary>
    /// The largest download, in bytes as they are stored, at least 1. Default: 1,000,000,000. What <see cref="Client"/> unpacks by itself
    /// counts unpacked.
    /// </summary>
    public long MaxBytes { get; set; } = 1_000_000_000;

    /// <summary>
    /// The largest content once it is unpacked, by <see cref="Client"/> or while the file is read, in bytes, at least 1. Default:
    /// 10,000,000,000.
    /// </summary>
    public long MaxUnpackedBytes { get; set; } = 10_000_000_000;

    /// <summary>
    /// The longest that a whole download may take, redirects included: above zero and at most 49 days, or
    /// <see cref="System.Threading.Timeout.InfiniteTimeSpan"/>. Default: 30 minutes.
    /// </summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromMinutes(30);

    /// <summary>
    /// Other hosts to which the server may redirect, as <c>files.example.org</c>, or <c>files.example.org:8443</c> where the port is not
    /// the usual one of the address; case does not matter. Default: none, so that only redirects on the same host are followed, at the same
    /// port or from http to https. No redirect from https to http is followed. Another host is asked by the client that all sources share,
    /// without headers and credentials of the first one.
    /// </summary>
    public ISet<string> AllowedRedirectHosts { get; } = new HashSet<string>(StringComparer.OrdinalIgnoreCase);

    internal static MlOpsException TooLarge(string option, long bytes, string name) =>
        new(
            FormattableString.Invariant(
                $"The file {(option == nameof(MaxUnpackedBytes) ? "unpacks to more" : "is larger")} than {bytes:N0} bytes."),
            $"Allow more with HttpOptions.{option}, if the address is the right one.") { DataSource = name };

    internal void Validate()
    {
        if (MaxBytes < 1)
        {
            throw new MlOpsException("The largest download is below 1 byte.", "Set HttpOptions.MaxBytes to a number above 0.");
        }
        if (MaxUnpackedBytes < 1)
        {
            throw new MlOpsException(
                "The largest unpacked content is below 1 byte.", "Set HttpOptions.MaxUnpackedBytes to a number above 0.");
        }
        if (Timeout != System.Threading.Timeout.InfiniteTimeSpan && (Timeout <= TimeSpan.Zero || Timeout > TimeSpan.FromDays(49)))
        {
            throw new MlOpsException(
                "The time for a download is out of range.",
                "Set HttpOptions.Timeout to a time above zero, at most 49 days, or to Timeout.InfiniteTimeSpan.");
        }
        foreach (var host in AllowedRedirectHosts)
        {
            if (IsHost(host)) continue;
            throw new MlOpsException(
                $"'{host}' is not the name of a host.",
                "Write hosts into HttpOptions.AllowedRedirectHosts without scheme, user and path: " +
                    "files.example.org, or files.example.org:8443.");
        }
    }

    // What a URI makes of it is what an address will have.
    private static bool IsHost(string host) =>
        Uri.TryCreate($"https://{host}", UriKind.Absolute, out var url)
        && url is { AbsolutePath: "/", Query: "", Fragment: "", UserInfo: "" }
        && !host.EndsWith('/');
}
