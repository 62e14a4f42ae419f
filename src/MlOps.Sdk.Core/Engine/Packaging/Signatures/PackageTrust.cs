using System.Security.Cryptography;

namespace MlOps.Sdk.Packaging;

/// <summary>
/// The public keys whose signatures are trusted. With it, a workspace or a server reads signed packages alone: a package that is not
/// signed, was changed after it was signed, or was signed by somebody else is rejected before anything of it is loaded. Thread-safe.
/// </summary>
public sealed class PackageTrust
{
    // Public keys, so that every verification has an instance of its own.
    private readonly Dictionary<string, ECParameters> _keys = new(StringComparer.Ordinal);

    /// <summary>Trusts keys.</summary>
    /// <param name="publicKeys">
    /// Public keys in PEM (<c>PUBLIC KEY</c>), one a text, over P-256, P-384 or P-521; several while one takes the place of another.
    /// </param>
    /// <exception cref="ArgumentException">There is none, or a text is not such a key.</exception>
    public PackageTrust(params IReadOnlyList<string> publicKeys)
    {
        ArgumentNullException.ThrowIfNull(publicKeys);
        if (publicKeys.Count == 0) throw new ArgumentException("Name at least one public key.", nameof(publicKeys));
        foreach (var pem in publicKeys)
        {
            using var key = ECDsa.Create();
            try
            {
                if (pem?.Contains("PRIVATE KEY", StringComparison.Ordinal) == true) throw new CryptographicException();
                key.ImportFromPem(pem);
            }
            catch (Exception e) when (e is ArgumentException or CryptographicException)
            {
                throw new ArgumentException(
                    pem?.Contains("PRIVATE KEY", StringComparison.Ordinal) == true
                        ? "A text is a private key. Give the public key, as PackageSigner.PublicKey has it, and keep the private " +
                            "one where packages are signed."
                        : "A text is not a public key for ECDSA in PEM, which begins with -----BEGIN PUBLIC KEY-----. Give what " +
                            "PackageSigner.PublicKey has, not the path of a file.",
                    nameof(publicKeys));
            }

            SignatureAlgorithm.Require(key, nameof(publicKeys));
            _keys[SignatureAlgorithm.KeyIdOf(key)] = key.ExportParameters(includePrivateParameters: false);
        }
    }

    /// <summary>The ids of the keys, as <see cref="PackageSigner.KeyId"/> has them.</summary>
    public IReadOnlyCollection<string> KeyIds => _keys.Keys;

    /// <summary>Makes sure that a package is signed by a trusted key. Nothing of it is loaded.</summary>
    /// <param name="package">The package.</param>
    /// <returns>The id of the key.</returns>
    /// <exception cref="MlOpsException">
    /// It is not signed, was changed after it was signed, or is signed by a key that is not trusted.
    /// </exception>
    public string Require(ReadOnlyMemory<byte> package)
    {
        var (message, signature) = PackageSeal.ReadSignature(package);
        if (signature is null)
        {
            throw new MlOpsException(
                "The model package is not signed, and only packages that a trusted key has signed are loaded here.",
                "Sign packages where they are made: WorkspaceOptions.Signer.");
        }
        if (!_keys.TryGetValue(signature.KeyId, out var parameters))
        {
            throw new MlOpsException(
                $"The model package is signed by the key {PackageFile.Shown(signature.KeyId)}, which is not trusted here.",
                $"Trusted are: {string.Join(", ", _keys.Keys)}. Add its public key to PackageTrust if you know whose it is.");
        }
        using var key = ECDsa.Create(parameters);
        if (signature.Algorithm == SignatureAlgorithm.NameOf(key)
            && key.VerifyData(message, signature.Value, SignatureAlgorithm.HashOf(key)))
        {
            return signature.KeyId;
        }
        throw new MlOpsException(
            $"The signature of the model package does not fit its content: it was changed after the key {signature.KeyId} had signed it.",
            "Do not use it. Get the package again from the workspace where it was made.");
    }
}
