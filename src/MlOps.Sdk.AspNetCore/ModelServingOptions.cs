using System.ComponentModel.DataAnnotations;

namespace MlOps.Sdk;

/// <summary>
/// What callers over HTTP may send, and who may call. Without changes, every route but health needs an authenticated user, and there are no
/// routes that change a release. Validated when the host starts.
/// </summary>
public sealed class ModelServingOptions
{
    /// <summary>
    /// The largest body of a request in bytes, and the largest line of a stream; of a compressed body, that is the size after
    /// decompression.
    /// Larger ones are answered with 413. Default: 4 MiB. From 1 KiB to 1 GiB.
    /// </summary>
    [Range(1024L, 1L << 30)]
    public long RequestBytes { get; set; } = 4 << 20;

    /// <summary>
    /// The memory that bodies of requests and waiting lines of streams may take together, in bytes, on all connections; what does not fit
    /// is answered with 429. At least four times <see cref="RequestBytes"/>, because a buffer doubles while it grows. Default:
    /// 256 MiB. From 4 KiB to 1 TiB.
    /// </summary>
    [Range(4096L, 1L << 40)]
    public long BufferedBytes { get; set; } = 256 << 20;

    /// <summary>The most rows or labels of a request that is not a stream. More are answered with 413. Default: 10,000.</summary>
    [Range(1, 1_000_000)]
    public int BatchRows { get; set; } = 10_000;

    /// <summary>
    /// How long a request may take until its prediction begins, and a model that has code of plug-ins until it ends. A caller may name a
    /// shorter time in the header <c>X-Request-Timeout-Ms</c>. Of a stream, it is how long the next line may take. A body that is late is
    /// answered with 408, anything else with 504. Default: 30 seconds. From 10 milliseconds to 1 hour.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.01", "01:00:00")]
    public TimeSpan RequestTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How many requests predict at once; others wait in the queue. Default: 4 for each processor. From 1 to 100,000.
    /// </summary>
    [Range(1, 100_000)]
    public int ConcurrentRequests { get; set; } = 4 * Environment.ProcessorCount;

    /// <summary>
    /// How many requests wait when <see cref="ConcurrentRequests"/> are in progress; more are answered with 429. Default: 1,000.
    /// </summary>
    [Range(0, 1_000_000)]
    public int QueuedRequests { get; set; } = 1_000;

    /// <summary>
    /// The largest release that another workspace may send, in bytes; larger ones are answered with 413. One is received at a time, and
    /// takes up to four times as much memory meanwhile. Default: 256 MiB. From 1 KiB to 2,000 MiB.
    /// </summary>
    [Range(1024L, 2_000L << 20)]
    public long ReleaseBytes { get; set; } = 256 << 20;

    /// <summary>
    /// How long a release may take to arrive and to be taken up, in the place of <see cref="RequestTimeout"/>. Default: 4 minutes. From 1
    /// second to 1 hour.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan ReleaseTimeout { get; set; } = TimeSpan.FromMinutes(4);

    /// <summary>How deeply JSON may be nested. Default: 16. From 4 to 64.</summary>
    [Range(4, 64)]
    public int JsonDepth { get; set; } = 16;

    /// <summary>The most mistakes that an answer lists; it says how many there are beyond. Default: 100.</summary>
    [Range(1, 10_000)]
    public int ListedErrors { get; set; } = 100;

    /// <summary>
    /// Whether bodies compressed with gzip, br or deflate are read. Default: no, they are answered with 415.
    /// </summary>
    public bool AllowCompressedRequests { get; set; }

    /// <summary>
    /// The authorization policy for predictions and for reading what models read; <see langword="null"/> for any authenticated user.
    /// </summary>
    public string? PredictPolicy { get; set; }

    /// <summary>The authorization policy for labels; <see langword="null"/> for any authenticated user.</summary>
    public string? LabelPolicy { get; set; }

    /// <summary>
    /// The authorization policy for what changes a release: promote, roll back, divide, stop, resume, cancel a rollout, take up a signed
    /// release of another workspace, where a <see cref="Packaging.PackageTrust"/> is registered; and for reading
    /// versions, divisions and their history. Besides it, the user must be authenticated. Without one, these routes do not
    /// exist. Default: <see langword="null"/>.
    /// </summary>
    public string? AdminPolicy { get; set; }

    /// <summary>
    /// Whether anybody may predict and read what models read. Default: no. It cannot be combined with <see cref="PredictPolicy"/>.
    /// </summary>
    public bool AllowAnonymousPredictions { get; set; }

    /// <summary>
    /// Whether anybody may report labels, from which models learn. Default: no. It cannot be combined with <see cref="LabelPolicy"/>.
    /// </summary>
    public bool AllowAnonymousLabels { get; set; }
}
