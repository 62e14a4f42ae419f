using System.Security.Cryptography;
using MlOps.Sdk;
using MlOps.Sdk.Packaging;

namespace Acme;

internal static class SignedPackages
{
    // begin-snippet: sign-packages
    /// <summary>Opens a workspace that signs what it trains, and serves nothing that this key has not signed.</summary>
    public static Task<Workspace> OpenAsync(string path, PackageSigner signer) => Workspace.OpenAsync(path, options =>
    {
        options.Signer = signer; // PackageSigner.FromEnvironment("CHURN_SIGNING_KEY")
        options.Trust = new PackageTrust(signer.PublicKey);
    });
    // end-snippet

    // begin-snippet: make-key
    /// <summary>Makes a key pair, and writes it to two files.</summary>
    public static void MakeKey(string privateKey, string publicKey)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        File.WriteAllText(privateKey, key.ExportPkcs8PrivateKeyPem()); // the text for PackageSigner
        File.WriteAllText(publicKey, key.ExportSubjectPublicKeyInfoPem()); // the text for PackageTrust
    }
    // end-snippet
}
