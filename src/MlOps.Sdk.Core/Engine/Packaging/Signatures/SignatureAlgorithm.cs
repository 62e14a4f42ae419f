using System.Security.Cryptography;

namespace MlOps.Sdk.Packaging;

/// <summary>What belongs to the curve of a key.</summary>
internal static class SignatureAlgorithm
{
    // P-256, P-384 and P-521 by their object identifiers; other curves have as many bits.
    private static readonly string[] s_curves = ["1.2.840.10045.3.1.7", "1.3.132.0.34", "1.3.132.0.35"];

    /// <exception cref="ArgumentException">The curve is not one of those that packages are signed with.</exception>
    public static void Require(ECDsa key, string parameter)
    {
        var curve = key.ExportParameters(includePrivateParameters: false).Curve;
        if (s_curves.Contains(curve.Oid?.Value ?? "")) return;
        throw new ArgumentException(
            FormattableString.Invariant($"The key has another curve of {key.KeySize} bits; use P-256, P-384 or P-521."), parameter);
    }

    public static HashAlgorithmName HashOf(ECDsa key) => key.KeySize switch
    {
        256 => HashAlgorithmName.SHA256,
        384 => HashAlgorithmName.SHA384,
        _ => HashAlgorithmName.SHA512,
    };

    /// <summary>The name in JSON Web Algorithms (RFC 7518).</summary>
    public static string NameOf(ECDsa key) => key.KeySize switch
    {
        256 => "ES256",
        384 => "ES384",
        _ => "ES512",
    };

    public static string KeyIdOf(ECDsa key) => Convert.ToHexStringLower(SHA256.HashData(key.ExportSubjectPublicKeyInfo()))[..32];
}
