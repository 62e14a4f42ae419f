using MlOps.Sdk.Storage;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Storage;

public sealed class TemporaryFileTests
{
    [Test]
    public async Task Create_File_IsNobodyElsesAndLeavesNothing()
    {
        using var folder = new TempFolder();
        await using (var file = TemporaryFile.Create(folder.Path))
        {
            await file.WriteAsync("rows"u8.ToArray());
            file.Position = 0;
            Assert.That(new StreamReader(file, leaveOpen: true).ReadToEnd(), Is.EqualTo("rows"));
            if (!OperatingSystem.IsWindows())
            {
                Assert.That(Directory.EnumerateFiles(folder.Path), Is.Empty, "a process that is killed leaves no rows behind");
                Assert.That(File.GetUnixFileMode(file.SafeFileHandle), Is.EqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite));
            }
        }

        Assert.That(Directory.EnumerateFiles(folder.Path), Is.Empty);
        Assert.That(() => TemporaryFile.Create(folder["none"]), Throws.TypeOf<MlOpsException>().With.Message.Contains("temporary"));
    }
}
