using System.Text;

namespace MlOps.Sdk.Tests;

/// <summary>A folder of one test, gone after it with everything in it.</summary>
internal sealed class TempFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("mlops-tests-").FullName;

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
}
