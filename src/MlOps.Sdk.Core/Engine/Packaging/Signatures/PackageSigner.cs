using System.Security.Cryptography;

namespace MlOps.Sdk.Packaging;

/// <summary>
/// Signs model packages with a private key: ECDSA (FIPS 186-5) over the curves P-256, P-384 and P-521, with SHA-256, SHA-384 and SHA-512.
/// Thread-safe.
/// </summary>
public sealed class PackageSigner : IDisposable
{
    private readonly ECDsa _key;
    private readonly Lock _lock = new();

    /// <summary>Signs with a key, which may be kept by a device or a service.</summary>
    /// <param name="key">The private key. It is disposed of with this object.</param>
    /// <exception cref="ArgumentException">The key is of another curve, or cannot sign: a public key.</exception>
    public PackageSigner(ECDsa key)
    {
        ArgumentNullException.ThrowIfNull(key);
        SignatureAlgorithm.Require(key, nameof(key));
        try
        {
            key.SignData([], SignatureAlgorithm.HashOf(key));
        }
        catch (CryptographicException e)
        {
            throw new ArgumentException("The key cannot sign. Give the private key; the public one is for PackageTrust.", nameof(key), e);
        }
        _key = key;
        PublicKey = key.ExportSubjectPublicKeyInfoPem();
        KeyId = SignatureAlgorithm.KeyIdOf(key);
    }

    /// <summary>Who signs: the first 32 hexadecimal digits of the SHA-256 of the public key (its SubjectPublicKeyInfo).</summary>
    public string KeyId { get; }

    /// <summary>The public key as PEM, for <see cref="PackageTrust"/> of those who verify.</summary>
    public string PublicKey { get; }

    /// <summary>Signs with a key in PEM: <c>PRIVATE KEY</c> or <c>EC PRIVATE KEY</c>.</summary>
    /// <param name="pem">The key, for example from a secret store. Never log it.</param>
    /// <exception cref="ArgumentException">The text has no such key, or one of another curve.</exception>
    public static PackageSigner FromPem(string pem)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(pem);
        var key = ECDsa.Create();
        try
        {
            key.ImportFromPem(pem);
            return new PackageSigner(key);
        }
        catch (Exception e) when (e is ArgumentException or CryptographicException)
        {
            key.Dispose();

            // Messages of the platform never have the key, but nobody promises it.
            throw new ArgumentException(
                "The text has no private key for ECDSA over P-256, P-384 or P-521 in PEM that is not encrypted.", nameof(pem));
        }
    }

    /// <summary>Signs with the key in an environment variable, as <see cref="FromPem"/> takes it.</summary>
    /// <param name="variable">The name of the variable.</param>
    /// <exception cref="MlOpsException">The variable is not set, or has no such key.</exception>
    public static PackageSigner FromEnvironment(string variable)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(variable);
        const string remedy = "Set it to the PEM of a private key, for example from: openssl ecparam -name prime256v1 -genkey -noout.";
        if (Environment.GetEnvironmentVariable(variable) is not { Length: > 0 } pem)
        {
            throw new MlOpsException($"The environment variable '{variable}', which has the key that signs packages, is not set.", remedy);
        }
        try
        {
            return FromPem(pem);
        }
        catch (ArgumentException)
        {
            throw new MlOpsException(
                $"The environment variable '{variable}' has no private key for ECDSA over P-256, P-384 or P-521 in PEM.", remedy);
        }
    }

    /// <summary>Makes a new key pair over P-256, for tests and first steps.</summary>
    public static PackageSigner Create() => new(ECDsa.Create(ECCurve.NamedCurves.nistP256));

    /// <inheritdoc/>
    public void Dispose() => _key.Dispose();

    internal PackageSignature Sign(byte[] message)
    {
        // Instances of a key are not thread-safe.
        lock (_lock)
        {
            return new PackageSignature
            {
                KeyId = KeyId,
                Algorithm = SignatureAlgorithm.NameOf(_key),
                Value = _key.SignData(message, SignatureAlgorithm.HashOf(_key)),
            };
        }
    }
}
