using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text.Json.Serialization;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.Storage;

/// <summary>The name of an artifact: the SHA-256 of its bytes, as 64 lowercase hexadecimal digits.</summary>
[JsonConverter(typeof(IdJsonConverter<ArtifactId>))]
public readonly record struct ArtifactId : IParsable<ArtifactId>
{
    private static readonly SearchValues<char> Digits = SearchValues.Create("0123456789abcdef");

    private readonly string? _hex;

    private ArtifactId(string hex) => _hex = hex;

    /// <summary>The 64 digits.</summary>
    /// <exception cref="InvalidOperationException">The value was never set.</exception>
    public string Hex => _hex ?? throw new InvalidOperationException("This artifact id was never set.");

    /// <summary>The id of some bytes.</summary>
    /// <param name="content">The bytes.</param>
    public static ArtifactId Of(ReadOnlySpan<byte> content)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(content, hash);
        return FromHash(hash);
    }

    /// <summary>Reads an id.</summary>
    /// <param name="text">64 lowercase hexadecimal digits.</param>
    /// <exception cref="MlOpsException">The text is not an id.</exception>
    public static ArtifactId Parse(string text) =>
        TryParse(text, out var id)
            ? id
            : throw new MlOpsException(
                "The text is not an artifact id.",
                "An artifact id is a SHA-256: 64 hexadecimal digits in lower case.");

    /// <summary>Reads an id.</summary>
    /// <param name="text">The text, which may be anything.</param>
    /// <param name="id">The id.</param>
    /// <returns>Whether the text is 64 lowercase hexadecimal digits.</returns>
    public static bool TryParse([NotNullWhen(true)] string? text, out ArtifactId id)
    {
        var valid = text is { Length: 64 } && !text.AsSpan().ContainsAnyExcept(Digits);
        id = valid ? new ArtifactId(text!) : default;
        return valid;
    }

    static ArtifactId IParsable<ArtifactId>.Parse(string s, IFormatProvider? provider) => Parse(s);

    static bool IParsable<ArtifactId>.TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out ArtifactId result) =>
        TryParse(s, out result);

    /// <summary>The 64 digits; empty when the value was never set.</summary>
    public override string ToString() => _hex ?? "";

    internal static ArtifactId FromHash(ReadOnlySpan<byte> hash) => new(Convert.ToHexStringLower(hash));
}
