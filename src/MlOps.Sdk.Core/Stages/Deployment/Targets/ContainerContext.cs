using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using MlOps.Sdk.Storage;

namespace MlOps.Sdk.Deployment;

/// <summary>
/// The container contexts of an endpoint: <c>{endpoint}/{version}-{hash}/</c>, each written under another name, renamed when it is whole,
/// and never changed; and <c>current</c>, a file with the name of the one to be built. The hash is one of all files.
/// </summary>
internal sealed partial class ContainerContext(string path)
{
    public const string CurrentName = "current";
    public const string ReleasesName = "releases";

    private const string Partial = ".partial";

    /// <summary>The name in <c>current</c>; <see langword="null"/> where there is none, or it cannot be one.</summary>
    public string? ReadCurrent()
    {
        try
        {
            var name = File.ReadAllText(Path.Combine(path, CurrentName));
            return ContextName().IsMatch(name) ? name : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    public string PathOf(string name) => Path.Combine(path, name);

    /// <summary>Begins a context under a name of which nobody knows.</summary>
    public string Begin()
    {
        var partial = PathOf($".{Guid.NewGuid():N}{Partial}");
        PrivateFiles.CreateFolder(partial);
        return partial;
    }

    /// <summary>Gives a context its name.</summary>
    public string Complete(string partial, int version)
    {
        var name = FormattableString.Invariant($"{version}-{HashOf(partial)}");
        Directory.Move(partial, PathOf(name));
        return name;
    }

    /// <summary>Names the context to be built from now on.</summary>
    public void SetCurrent(string name)
    {
        var partial = PathOf($".{Guid.NewGuid():N}{Partial}");
        Write(partial, Encoding.UTF8.GetBytes(name));
        File.Move(partial, PathOf(CurrentName), overwrite: true);
    }

    /// <summary>
    /// Whether the files of a context are those that its name has the hash of, some of them have these texts, and others are
    /// copies of these.
    /// </summary>
    public bool IsWhole(string name, IReadOnlyDictionary<string, string> texts, IReadOnlyList<string> packages)
    {
        try
        {
            return name.EndsWith($"-{HashOf(PathOf(name))}", StringComparison.Ordinal)
                && texts.All(file => File.ReadAllText(Path.Combine(PathOf(name), file.Key)) == file.Value)
                && packages.All(path => HashOfFile(PackagePath(PathOf(name), path)).AsSpan().SequenceEqual(HashOfFile(path)));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>Removes what killed processes left, and the contexts of before, except those that somebody may be building.</summary>
    public void RemoveAllBut(params IReadOnlyList<string?> kept)
    {
        foreach (var entry in new DirectoryInfo(path).EnumerateFileSystemInfos())
        {
            var isLeft = entry.Name.EndsWith(Partial, StringComparison.Ordinal);
            if (!isLeft && (!ContextName().IsMatch(entry.Name) || kept.Contains(entry.Name))) continue;
            try
            {
                if (entry is DirectoryInfo folder) folder.Delete(recursive: true);
                else entry.Delete();
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // Windows deletes no file that somebody reads. What is left is the next one's.
            }
        }
    }

    public static void Write(string path, byte[] bytes)
    {
        using var file = PrivateFiles.CreateFile(path);
        file.Write(bytes);
        file.Flush(flushToDisk: true);
    }

    /// <summary>Where a package is in a context.</summary>
    public static string PackagePath(string context, string package) =>
        Path.Combine(context, ProgramPackages.FolderName, Path.GetFileName(package));

    private static byte[] HashOfFile(string path)
    {
        using var file = File.OpenRead(path);
        return SHA256.HashData(file);
    }

    private static string HashOf(string folder)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var files = Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
            .Select(file => (Path: file, Name: Path.GetRelativePath(folder, file).Replace('\\', '/')))
            .OrderBy(file => file.Name, StringComparer.Ordinal);
        foreach (var file in files)
        {
            // Names and contents are hashed on their own, so that none can pass for a part of another.
            hash.AppendData(SHA256.HashData(Encoding.UTF8.GetBytes(file.Name)));
            hash.AppendData(HashOfFile(file.Path));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset().AsSpan(0, 16));
    }

    [GeneratedRegex(@"^[0-9]{1,10}-[0-9a-f]{32}\z", RegexOptions.CultureInvariant)]
    private static partial Regex ContextName();
}
