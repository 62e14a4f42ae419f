using MlOps.Sdk.Storage;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Storage;

internal sealed class NetworkShareTests
{
    [TestCase(DriveType.Network, "nfs")]
    [TestCase(DriveType.Network, "NTFS")]
    [TestCase(DriveType.Unknown, "nfs4")]
    [TestCase(DriveType.Unknown, "smb3")]
    [TestCase(DriveType.Unknown, "cifs")]
    [TestCase(DriveType.Fixed, "fuse.sshfs")]
    public void IsRemote_ShareFormats_True(DriveType type, string format) => Assert.That(NetworkShare.IsRemote(type, format), Is.True);

    [TestCase(DriveType.Fixed, "ext4")]
    [TestCase(DriveType.Ram, "tmpfs")]
    [TestCase(DriveType.Fixed, "NTFS")]
    [TestCase(DriveType.Fixed, "apfs")]
    [TestCase(DriveType.Unknown, "overlay")]
    public void IsRemote_LocalFormats_False(DriveType type, string format) => Assert.That(NetworkShare.IsRemote(type, format), Is.False);

    [TestCase(@"\\server\share\mlops.db", true)]
    [TestCase(@"\\?\UNC\server\share\mlops.db", true)]
    [TestCase(@"\\?\C:\data\mlops.db", false)]
    [TestCase(@"C:\data\mlops.db", false)]
    [TestCase("/data/mlops.db", false)]
    public void IsUnc_Paths_AreToldApart(string path, bool expected) => Assert.That(NetworkShare.IsUnc(path), Is.EqualTo(expected));

    [Test]
    public void Contains_TemporaryFolder_IsLocal() =>
        Assert.That(NetworkShare.Contains(Path.Combine(Path.GetTempPath(), "mlops.db")), Is.False);
}
