using System.Security.Cryptography;
using System.Text;

namespace MlOps.Sdk.Collection;

/// <summary>Identifies the content of a source: equal versions have equal rows.</summary>
/// <param name="Value">For example <c>sha256:…</c> of a file's bytes.</param>
public sealed record ContentVersion(string Value)
{
    /// <summary>The version of what has several parts, in their order.</summary>
    internal static ContentVersion Of(IEnumerable<ContentVersion?> parts) => Of(string.Join('\n', parts.Select(part => part?.Value)));

    /// <summary>The version that a text decides.</summary>
    internal static ContentVersion Of(string content) =>
        new($"sha256:{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(content)))}");
}
