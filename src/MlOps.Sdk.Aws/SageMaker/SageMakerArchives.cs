using System.Globalization;
using Amazon.S3;
using MlOps.Sdk.Packaging;
using MlOps.Sdk.Storage;

namespace MlOps.Sdk.Deployment;

/// <summary>The archives with models, in S3. Thread-safe.</summary>
internal sealed class SageMakerArchives : IDisposable
{
    private const string FileName = "model.tar.gz";
    private const int HashLength = 12;

    private readonly S3ArtifactOptions _options;
    private readonly OutgoingReleases _releases;
    private readonly TimeProvider _time;
    private readonly AmazonS3Client? _own;
    private readonly S3Place _place;
    private readonly ObjectCalls _calls;
    private readonly string _root;

    public SageMakerArchives(
        SageMakerOptions options, OutgoingReleases releases, PackageSigner? signer, IAmazonS3? client, TimeProvider time)
    {
        (_options, _releases, _time) = (options.Upload, releases, time);
        SignedBy = signer?.KeyId ?? "";
        if (client is null) client = _own = S3Clients.OfDefaultChain(options.Region);
        _place = new S3Place(client, _options);
        _calls = new ObjectCalls(_place, _options.Timeout);
        _root = _options.Prefix.Length == 0 ? "" : $"{_options.Prefix}/";
    }

    /// <summary>Who signs what is in the archives; empty for nobody.</summary>
    public string SignedBy { get; }

    /// <summary>The address of the archive of a version.</summary>
    public string AddressOf(string endpoint, DesiredDeployment desired) => _place.AddressOf(KeyOf(endpoint, desired));

    /// <summary>Uploads the archive of a version.</summary>
    /// <param name="endpoint">The name of the endpoint.</param>
    /// <param name="desired">The version.</param>
    /// <param name="replaces">Whether one that is there is replaced.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task UploadAsync(string endpoint, DesiredDeployment desired, bool replaces, CancellationToken cancellationToken)
    {
        var key = KeyOf(endpoint, desired);
        if (!replaces && await _calls.CallAsync(
            end => _place.FindAsync(key, end), key, "The archive of the model cannot be looked up", cancellationToken)
            .ConfigureAwait(false) is not null)
        {
            return;
        }
        var archive = await ModelArchive.WriteAsync(_releases.Write(desired), desired, _time, cancellationToken).ConfigureAwait(false);
        var content = SpooledContent.Of(archive);
        await using (content.ConfigureAwait(false))
        {
            await _calls.CallAsync(
                end => _place.UploadAsync(key, content.Content, content.Hash, end),
                key,
                "The archive of the model cannot be stored",
                cancellationToken,
                _options.TransferTimeout).ConfigureAwait(false);
        }
    }

    /// <summary>Removes an archive, if it is one of these.</summary>
    /// <param name="address">Its address.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task DeleteAsync(string address, CancellationToken cancellationToken)
    {
        var root = _place.AddressOf(_root);
        if (!address.StartsWith(root, StringComparison.Ordinal) || !address.EndsWith($"/{FileName}", StringComparison.Ordinal)) return;
        var key = address[_place.AddressOf("").Length..];
        await _calls.CallAsync(
            end => _place.DeleteAsync(key, end), key, "The archive of a model cannot be deleted", cancellationToken).ConfigureAwait(false);
    }

    public void Dispose() => _own?.Dispose();

    private string KeyOf(string endpoint, DesiredDeployment desired)
    {
        var version = desired.Model.Version;
        var signed = SignedBy.Length == 0 ? "" : $"-{SignedBy[..Math.Min(SignedBy.Length, HashLength)]}";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{_root}{endpoint}/v{version.Version}-{version.ContentHash[..HashLength]}{signed}/{FileName}");
    }
}
