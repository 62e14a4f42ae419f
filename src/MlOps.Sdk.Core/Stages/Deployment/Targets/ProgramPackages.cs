using System.Globalization;

namespace MlOps.Sdk.Deployment;

/// <summary>The packages of the program of a container context.</summary>
/// <param name="All">Those that it has, in the versions to be restored.</param>
/// <param name="Carried">
/// The paths of those that the context brings along, because they are not restored from nuget.org; none, or all of this library.
/// </param>
internal sealed record ProgramPackages(IReadOnlyList<ServerPackage> All, IReadOnlyList<string> Carried)
{
    /// <summary>The folder of the context that has them.</summary>
    public const string FolderName = "packages";

    /// <summary>Those of a program that the running application makes.</summary>
    /// <param name="folder">
    /// The folder with the packages of this library; <see langword="null"/> for the one that the application has them from, if it is a
    /// folder that has them all, and none else.
    /// </param>
    /// <param name="cache">What NuGet knows on this machine.</param>
    /// <exception cref="MlOpsException">The folder lacks one.</exception>
    public static ProgramPackages Find(string? folder, NuGetCache cache)
    {
        var all = ServerPackages.OfThisApplication(cache);
        if (folder is not null)
        {
            var (paths, missing) = Look(folder);
            return missing is null ? new ProgramPackages(all, paths) : throw new MlOpsException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"The folder '{folder}' has no file '{missing}', which the program of a container context is built from."),
                "Put the packages of the version that this application runs with there, for example with dotnet pack, or call " +
                    "ToContainerContext without packages to have them restored from nuget.org.") { DataSource = folder };
        }
        return cache.FindSourceFolder("MlOps.Sdk.Core", ContainerProgram.LibraryVersion) is { } source
            && Look(source) is { Missing: null } found
                ? new ProgramPackages(all, found.Paths)
                : new ProgramPackages(all, []);
    }

    private static (IReadOnlyList<string> Paths, string? Missing) Look(string folder)
    {
        var files = Directory.Exists(folder)
            ? Directory.GetFiles(folder).ToDictionary(path => Path.GetFileName(path)!, StringComparer.OrdinalIgnoreCase)
            : [];
        var names = ServerPackages.Own.Select(name => $"{name}.{ContainerProgram.LibraryVersion}.nupkg").ToArray();
        return names.FirstOrDefault(name => !files.ContainsKey(name)) is { } missing
            ? ([], missing)
            : ([.. names.Select(name => files[name])], null);
    }
}
