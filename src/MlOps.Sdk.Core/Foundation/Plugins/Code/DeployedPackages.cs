using System.Text.Json;

namespace MlOps.Sdk.Plugins;

/// <summary>The assemblies that packages bring, as the <c>deps.json</c> files of a process list them. Immutable.</summary>
/// <remarks>
/// Where there is no such file (an application in a single file, a host of another kind), the IL of packages is read like the user's, and
/// assemblies of .NET that are not in the folder of a shared framework count as packages.
/// </remarks>
internal sealed class DeployedPackages
{
    private const string Root = "System.Private.CoreLib";

    private static readonly string[] Frameworks = ["Microsoft.NETCore.App.", "Microsoft.AspNetCore.App.", "Microsoft.WindowsDesktop.App."];

    private readonly HashSet<string> _names = new(StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<string> _shared = new(StringComparer.OrdinalIgnoreCase);
    private bool _isListed;

    private DeployedPackages()
    {
    }

    /// <summary>The names of the assemblies.</summary>
    public IReadOnlySet<string> Names => _names;

    /// <summary>Reads the files.</summary>
    public static DeployedPackages Read(IEnumerable<string> files)
    {
        var packages = new DeployedPackages();
        foreach (var file in files.Where(File.Exists))
        {
            try
            {
                packages.Add(file);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException or KeyNotFoundException
                or InvalidOperationException)
            {
                // Not a file that the SDK wrote.
            }
        }

        return packages;
    }

    /// <summary>Whether an assembly of .NET comes with the application, where it is not the runtime's.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="location">Its file; empty where it has none.</param>
    public bool Brings(string name, string location)
    {
        if (Path.GetDirectoryName(location) is { Length: > 0 } folder && _shared.Contains(folder)) return false;
        return _isListed ? _names.Contains(name) : name != Root && !IsBesideRuntime(location);
    }

    // An application that carries the runtime has it in its own folder, beside packages.
    private static bool IsBesideRuntime(string location) => Path.GetDirectoryName(location) is { Length: > 0 } folder
        && folder == Path.GetDirectoryName(typeof(object).Assembly.Location)
        && !string.Equals(folder, Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory), StringComparison.OrdinalIgnoreCase);

    private void Add(string file)
    {
        using var json = JsonDocument.Parse(File.ReadAllBytes(file));
        var libraries = json.RootElement.GetProperty("libraries").EnumerateObject()
            .Where(library => library.Value.GetProperty("type").GetString() == "package")
            .Select(library => library.Name)
            .ToHashSet();

        // A shared framework lists itself as a package.
        if (libraries.RemoveWhere(library => Array.Exists(Frameworks, name => library.StartsWith(name, StringComparison.Ordinal))) > 0)
        {
            _shared.Add(Path.GetDirectoryName(Path.GetFullPath(file))!);
            return;
        }

        var targets = json.RootElement.GetProperty("targets").EnumerateObject();
        foreach (var library in targets.SelectMany(target => target.Value.EnumerateObject()))
        {
            if (!libraries.Contains(library.Name)) continue;
            foreach (var group in library.Value.EnumerateObject().Where(group => group.Name is "runtime" or "runtimeTargets"))
            {
                _names.UnionWith(group.Value.EnumerateObject().Select(asset => Path.GetFileNameWithoutExtension(asset.Name)));
            }
        }

        _isListed = true;
    }
}
