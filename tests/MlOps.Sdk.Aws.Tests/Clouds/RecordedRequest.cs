namespace MlOps.Sdk.Tests.Clouds;

/// <summary>A request as it would leave the process.</summary>
internal sealed record RecordedRequest(string Method, Uri Address, IReadOnlyDictionary<string, string> Headers, byte[] Body)
{
    public string? this[string header] => Headers.GetValueOrDefault(header);

    /// <summary>The method, and what the query asks for.</summary>
    public string Kind => $"{Method} {string.Join('&', Address.Query.TrimStart('?').Split('&').Select(part => part.Split('=')[0]))}".Trim();
}
