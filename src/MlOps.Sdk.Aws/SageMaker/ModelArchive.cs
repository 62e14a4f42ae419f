using System.Formats.Tar;
using System.IO.Compression;
using System.Runtime.InteropServices;

namespace MlOps.Sdk.Deployment;

/// <summary>The archive <c>model.tar.gz</c> that SageMaker unpacks into <c>/opt/ml/model</c>.</summary>
internal static class ModelArchive
{
    private const UnixFileMode Readable =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    /// <summary>Writes an archive with one file; the same content gives the same archive.</summary>
    /// <param name="name">The name of the file.</param>
    /// <param name="content">Its content.</param>
    /// <param name="cancellationToken">Cancels the writing.</param>
    public static async Task<byte[]> WriteAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        using var archive = new MemoryStream();
        var zip = new GZipStream(archive, CompressionLevel.Fastest, leaveOpen: true);
        await using (zip.ConfigureAwait(false))
        {
            var tar = new TarWriter(zip, TarEntryFormat.Ustar, leaveOpen: true);
            await using (tar.ConfigureAwait(false))
            {
                using var data = MemoryMarshal.TryGetArray(content, out var array)
                    ? new MemoryStream(array.Array!, array.Offset, array.Count, writable: false)
                    : new MemoryStream(content.ToArray(), writable: false);
                var entry = new UstarTarEntry(TarEntryType.RegularFile, name)
                {
                    Mode = Readable,
                    ModificationTime = DateTimeOffset.UnixEpoch,
                    DataStream = data,
                };
                await tar.WriteEntryAsync(entry, cancellationToken).ConfigureAwait(false);
            }
        }

        return archive.ToArray();
    }
}
