using System.Text;

namespace MlOps.Sdk.Tests;

/// <summary>A folder of one test, gone after it with everything in it.</summary>
/// <remarks>In the short form it is in memory, where Linux has room: to flush databases to a disk takes a fifth of the time.</remarks>
internal sealed class TempFolder : IDisposable
{
    private const string MemoryDisk = "/dev/shm";
    private const long Room = 4L << 30;
    private static readonly bool _inMemory = !LongForm.IsOn && OperatingSystem.IsLinux() && HasRoom();

    public string Path { get; } = _inMemory
        ? Directory.CreateDirectory(System.IO.Path.Combine(MemoryDisk, $"mlops-tests-{Guid.NewGuid():N}")).FullName
        : Directory.CreateTempSubdirectory("mlops-tests-").FullName;

    /// <summary>The path of a file or folder in this one, whether or not it exists.</summary>
    public string this[string name] => System.IO.Path.Combine(Path, name);

    public string Write(string name, string content) => Write(name, Encoding.UTF8.GetBytes(content));

    public string Write(string name, byte[] content)
    {
        var path = this[name];
        File.WriteAllBytes(path, content);
        return path;
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);

    private static bool HasRoom() => Directory.Exists(MemoryDisk) && new DriveInfo(MemoryDisk).AvailableFreeSpace >= Room;
}
