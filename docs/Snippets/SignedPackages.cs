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
    /// <summary>Makes a key pair: the texts for PackageSigner and for PackageTrust.</summary>
    public static (string PrivateKey, string PublicKey) MakeKey()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return (key.ExportPkcs8PrivateKeyPem(), key.ExportSubjectPublicKeyInfoPem());
    }
    // end-snippet
}
