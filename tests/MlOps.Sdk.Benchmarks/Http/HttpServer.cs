namespace MlOps.Sdk.Benchmarks.Http;

/// <summary>The servers that are compared.</summary>
internal enum HttpServer
{
    /// <summary>Anybody may call.</summary>
    Open,

    /// <summary>Callers have a key.</summary>
    Closed,

    /// <summary>Anybody may call, and predictions are not recorded.</summary>
    Unrecorded,
}
