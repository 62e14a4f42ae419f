using System.IO.Compression;
using System.Security.Cryptography;
using System.Text.Json;

namespace MlOps.Sdk.Packaging;

/// <summary>
/// What lies beside the parts of a package: the release that it is a part of, where it left its workspace, and the signature. One signature
/// covers the manifest, which has the hash of every part, and the release if there is one.
/// </summary>
internal static class PackageSeal
{
    private const string ReleaseName = "release.json";
    private const string SignatureName = "signature.json";
    private const int MaxSignatureLength = 4 * 1024;
    private const int MaxReleaseLength = 1024 * 1024;

    /// <summary>Whether an entry is not a part of the package, so that the manifest does not name it.</summary>
    public static bool Has(string entry) => entry is ReleaseName or SignatureName;

    /// <summary>Signs the manifest of a package that is in no release.</summary>
    /// <returns>The name and the content of the entry.</returns>
    public static (string Name, byte[] Content) SignManifest(byte[] manifest, PackageSigner signer) =>
        (SignatureName, Signature(signer, MessageOf(manifest, release: null)));

    /// <summary>Signs a package that is in no release, in the place of who signed it before.</summary>
    /// <param name="package">The package. Its parts are taken over as they are, without being decompressed.</param>
    /// <param name="signer">Who signs.</param>
    /// <exception cref="MlOpsException">The file is not a package, or is damaged.</exception>
    public static byte[] SignAgain(ReadOnlyMemory<byte> package, PackageSigner signer) => Seal(package, release: null, signer);

    /// <summary>Puts a package into a release, and signs both. What it was in before, and who signed that, is left out.</summary>
    /// <param name="package">The package. Its parts are taken over as they are, without being decompressed.</param>
    /// <param name="release">What is to be told of the release.</param>
    /// <param name="signer">Who signs; <see langword="null"/> for nobody.</param>
    /// <exception cref="MlOpsException">The file is not a package, or is damaged.</exception>
    public static byte[] Release(ReadOnlyMemory<byte> package, byte[] release, PackageSigner? signer)
    {
        if (release.Length > MaxReleaseLength)
        {
            throw new MlOpsException(
                FormattableString.Invariant($"What is told of the release has {release.Length:N0} bytes, more than {MaxReleaseLength:N0}."),
                "Shorten the explanations of the gates.");
        }
        return Seal(package, release, signer);
    }

    private static byte[] Seal(ReadOnlyMemory<byte> package, byte[]? release, PackageSigner? signer) =>
        PackageFile.Reading(() =>
        {
            byte[] message;
            using (var read = new ZipArchive(PackageFile.Open(package), ZipArchiveMode.Read))
            {
                message = MessageOf(PackageFile.ReadManifestBytes(read), release);
            }

            using var stream = new MemoryStream(package.Length + (release?.Length ?? 0) + 2 * MaxSignatureLength);
            stream.Write(package.Span);
            using (var zip = new ZipArchive(stream, ZipArchiveMode.Update, leaveOpen: true))
            {
                foreach (var entry in zip.Entries.Where(entry => Has(entry.FullName)).ToArray()) entry.Delete();
                if (release is not null) PackageFile.Add(zip, ReleaseName, release, CompressionLevel.Fastest);
                if (signer is not null)
                {
                    PackageFile.Add(zip, SignatureName, Signature(signer, message), CompressionLevel.Fastest);
                }
            }

            return stream.ToArray();
        });

    /// <summary>What is told of the release; <see langword="null"/> where the package is in none. Nothing is verified.</summary>
    /// <exception cref="MlOpsException">The file is not a package, or is damaged.</exception>
    public static byte[]? ReadRelease(ReadOnlyMemory<byte> package) => PackageFile.Reading(() =>
    {
        using var zip = new ZipArchive(PackageFile.Open(package), ZipArchiveMode.Read);
        return Find(zip, ReleaseName, MaxReleaseLength);
    });

    /// <summary>What is signed, and the signature; nothing else is read, and the signature is not verified.</summary>
    /// <exception cref="MlOpsException">The file is not a package, or is damaged.</exception>
    public static (byte[] Message, PackageSignature? Signature) ReadSignature(ReadOnlyMemory<byte> package) =>
        PackageFile.Reading<(byte[], PackageSignature?)>(() =>
        {
            using var zip = new ZipArchive(PackageFile.Open(package), ZipArchiveMode.Read);
            var message = MessageOf(PackageFile.ReadManifestBytes(zip), Find(zip, ReleaseName, MaxReleaseLength));
            return (
                message,
                Find(zip, SignatureName, MaxSignatureLength) is { } signature
                    ? PackageFile.FromJson(signature, PackageJson.Default.PackageSignature)
                    : null);
        });

    private static byte[]? Find(ZipArchive zip, string name, int limit)
    {
        var entries = zip.Entries.Where(entry => entry.FullName == name).ToArray();
        return entries.Length switch
        {
            0 => null,
            1 => PackageFile.ReadBounded(entries[0], limit),
            _ => throw PackageFile.Damaged($"it has the entry '{name}' twice"),
        };
    }

    private static byte[] Signature(PackageSigner signer, byte[] message) =>
        JsonSerializer.SerializeToUtf8Bytes(signer.Sign(message), PackageJson.Default.PackageSignature);

    // The first line keeps a signature from being taken for one of anything else: neither can a release be taken out of what was signed,
    // nor another one be put in.
    private static byte[] MessageOf(byte[] manifest, byte[]? release) => release is null
        ? [.. "mlops-package-signature/1\n"u8, .. SHA256.HashData(manifest)]
        : [.. "mlops-release-signature/1\n"u8, .. SHA256.HashData(manifest), .. SHA256.HashData(release)];
}
