using System.Net;

namespace MlOps.Sdk;

/// <summary>An answer of an MLflow server.</summary>
internal sealed record MlflowAnswer(HttpStatusCode Status, byte[] Body, TimeSpan? RetryAfter)
{
    public bool IsSuccess => (int)Status is >= 200 and < 300;

    /// <summary>Whether the same request may be answered otherwise later.</summary>
    public bool MayPass => Status is HttpStatusCode.TooManyRequests or HttpStatusCode.RequestTimeout || (int)Status >= 500;
}
