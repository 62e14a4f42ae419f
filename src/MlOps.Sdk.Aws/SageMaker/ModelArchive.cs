using System.Formats.Tar;
using System.IO.Compression;

namespace MlOps.Sdk.Deployment;

/// <summary>
/// The archive <c>model.tar.gz</c> that SageMaker unpacks into <c>/opt/ml/model</c>: the folder of a release, which the model server in
/// the container follows.
/// </summary>
internal static class ModelArchive
{
    private const UnixFileMode Readable =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    /// <summary>Writes the archive of a release.</summary>
    /// <param name="release">The release.</param>
    /// <param name="desired">What is released.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Cancels the writing.</param>
    public static async Task<byte[]> WriteAsync(
        byte[] release, DesiredDeployment desired, TimeProvider time, CancellationToken cancellationToken)
    {
        var root = Directory.CreateTempSubdirectory("mlops-");
        try
        {
            var folder = ReleaseFolder.Find(root.FullName, desired.Endpoint) ?? throw new MlOpsException(
                $"'{desired.Endpoint}' is no name that the folder of a release can have.", "Give the lifecycle another name.");
            using (await folder.LockAsync(time, cancellationToken).ConfigureAwait(false))
            {
                var current = await folder.AddAsync(release, desired, cancellationToken).ConfigureAwait(false);
                await folder.SetCurrentAsync(current, cancellationToken).ConfigureAwait(false);
                return await PackAsync(root.FullName, [current.File, "current.json"], desired.Endpoint, cancellationToken)
                    .ConfigureAwait(false);
            }
        }
        finally
        {
            root.Delete(recursive: true);
        }
    }

    /// <summary>Packs files; the same files give the same archive.</summary>
    /// <param name="root">The folder of all endpoints.</param>
    /// <param name="names">The names of the files.</param>
    /// <param name="endpoint">The folder with the files.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public static async Task<byte[]> PackAsync(string root, string[] names, string endpoint, CancellationToken cancellationToken)
    {
        using var archive = new MemoryStream();
        var zip = new GZipStream(archive, CompressionLevel.Fastest, leaveOpen: true);
        await using (zip.ConfigureAwait(false))
        {
            // Ustar has no name of more than 100 characters, and an endpoint may have that many.
            var tar = new TarWriter(zip, TarEntryFormat.Gnu, leaveOpen: true);
            await using (tar.ConfigureAwait(false))
            {
                foreach (var name in names)
                {
                    using var data = File.OpenRead(Path.Combine(root, endpoint, name));
                    var entry = new GnuTarEntry(TarEntryType.RegularFile, $"{endpoint}/{name}")
                    {
                        Mode = Readable,
                        ModificationTime = DateTimeOffset.UnixEpoch,
                        DataStream = data,
                    };
                    await tar.WriteEntryAsync(entry, cancellationToken).ConfigureAwait(false);
                }
            }
        }

        return archive.ToArray();
    }
}
