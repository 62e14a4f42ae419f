namespace MlOps.Sdk.Tests.Architecture;

/// <summary>Where the sources are, for tests that read them.</summary>
internal static class Repository
{
    public static string Root { get; } = FindRoot();

    public static string Source => Path.Combine(Root, "src", "MlOps.Sdk.Core");

    /// <summary>The folders of the packages whose code is the library's; that of the templates is of those who use them.</summary>
    public static IEnumerable<string> Packages => Directory.EnumerateDirectories(Path.Combine(Root, "src"))
        .Where(folder => Path.GetFileName(folder) != "MlOps.Sdk.Templates");

    public static IEnumerable<string> SourceFiles(string folder) =>
        Folders(folder).SelectMany(inner => Directory.EnumerateFiles(inner, "*.cs"));

    /// <summary>A folder and those inside it, but for what builds leave behind.</summary>
    public static IEnumerable<string> Folders(string folder) => Directory.EnumerateDirectories(folder)
        .Where(inner => Path.GetFileName(inner) is not ("bin" or "obj"))
        .SelectMany(Folders)
        .Prepend(folder);

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "MlOps.Sdk.sln"))) return folder.FullName;
        }

        throw new InvalidOperationException("The tests must run inside the repository.");
    }
}
