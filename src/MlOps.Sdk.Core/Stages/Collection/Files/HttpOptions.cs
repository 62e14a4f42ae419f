namespace MlOps.Sdk.Collection;

/// <summary>How a file is downloaded.</summary>
public sealed class HttpOptions
{
    /// <summary>
    /// The client, for headers, credentials or a proxy of one's own; it is not disposed. Default: <see langword="null"/>, a client that all
    /// sources share. Its time limit holds until the answer begins, and then for each piece of it.
    /// </summary>
    public HttpClient? Client { get; set; }

    /// <summary>The largest download, in bytes, at least 1. Default: 1,000,000,000.</summary>
    public long MaxBytes { get; set; } = 1_000_000_000;
}
