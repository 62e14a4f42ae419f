using System.Collections.Specialized;

namespace MlOps.Sdk.Tests;

/// <summary>A request to a <see cref="FakeService"/>, as it was on the wire.</summary>
internal sealed record FakeRequest(
    string HttpMethod, Uri Url, NameValueCollection Headers, NameValueCollection QueryString, byte[] Body)
{
    public string? ContentType => Headers["Content-Type"];
}
