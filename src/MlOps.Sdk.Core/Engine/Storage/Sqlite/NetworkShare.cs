namespace MlOps.Sdk.Storage;

/// <summary>Tells local disks from network shares.</summary>
internal static class NetworkShare
{
    // File systems behind a network that the framework does not count as network drives.
    private static readonly string[] RemoteFormats =
        [
            "nfs", "cifs", "smb", "afs", "ceph", "glusterfs", "fuse.glusterfs", "fuse.sshfs", "fuse.s3fs", "fuse.rclone", "beegfs",
            "webdav", "davfs", "fuse.davfs"
        ];

    /// <summary>Whether a file in an existing folder lies on a share.</summary>
    public static bool Contains(string fullPath)
    {
        if (IsUnc(fullPath)) return true;
        try
        {
            // On Unix the framework queries the file system of exactly this folder, links followed.
            var drive = new DriveInfo(OperatingSystem.IsWindows() ? fullPath : Path.GetDirectoryName(fullPath)!);
            return IsRemote(drive.DriveType, drive.DriveFormat);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            // An unknown drive is not known to be remote.
            return false;
        }
    }

    internal static bool IsRemote(DriveType type, string format) =>
        type == DriveType.Network
        || Array.Exists(RemoteFormats, remote => format.Equals(remote, StringComparison.OrdinalIgnoreCase))
        || format.StartsWith("nfs", StringComparison.OrdinalIgnoreCase)
        || format.StartsWith("smb", StringComparison.OrdinalIgnoreCase);

    internal static bool IsUnc(string fullPath) =>
        fullPath.StartsWith(@"\\?\UNC\", StringComparison.OrdinalIgnoreCase)
        || (fullPath.StartsWith(@"\\", StringComparison.Ordinal)
            && !fullPath.StartsWith(@"\\?\", StringComparison.Ordinal)
            && !fullPath.StartsWith(@"\\.\", StringComparison.Ordinal));
}
