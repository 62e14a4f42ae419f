using System.Security.Cryptography;

namespace MlOps.Sdk.Packaging;

/// <summary>What belongs to the curve of a key.</summary>
internal static class SignatureAlgorithm
{
    /// <exception cref="ArgumentException">The curve is not one of those that packages are signed with.</exception>
    public static void Require(ECDsa key, string parameter)
    {
        if (key.KeySize is 256 or 384 or 521) return;
        throw new ArgumentException(
            FormattableString.Invariant($"The key has {key.KeySize} bits; use the curve P-256, P-384 or P-521."), parameter);
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
