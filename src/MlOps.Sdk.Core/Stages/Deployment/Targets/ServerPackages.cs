using System.Text.Json;

namespace MlOps.Sdk.Deployment;

/// <summary>
/// The packages of a program that serves models: those of this library, and what they need, in the versions that the running application
/// has, as its <c>deps.json</c> says. Of an application without such a file, the packages of this library alone are known.
/// </summary>
internal static class ServerPackages
{
    private const string OwnLicense = "MIT";

    private static readonly string[] s_own = ["MlOps.Sdk", "MlOps.Sdk.AspNetCore", "MlOps.Sdk.Core", "MlOps.Sdk.MicrosoftML"];

    /// <summary>The packages of this library.</summary>
    public static IReadOnlyList<string> Own => s_own;

    /// <summary>Whether it is a package of this library.</summary>
    public static bool IsOwn(string name) => s_own.Contains(name);

    /// <summary>Reads the packages of the running application, with the licenses that NuGet knows on this machine.</summary>
    public static IReadOnlyList<ServerPackage> OfThisApplication(NuGetCache cache) =>
    [
        .. OfThisApplication().Select(package => package with
        {
            License = package.License ?? cache.FindLicense(package.Name, package.Version),
        }),
    ];

    /// <summary>Reads the packages of the running application.</summary>
    public static IReadOnlyList<ServerPackage> OfThisApplication()
    {
        var paths = (AppContext.GetData("APP_CONTEXT_DEPS_FILES") as string ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries);
        try
        {
            return Read([.. paths.Where(File.Exists).Select(File.ReadAllBytes)]);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            return Read([]);
        }
    }

    /// <summary>Reads the packages of <c>deps.json</c> files, in the order of their names.</summary>
    /// <exception cref="JsonException">A file is no JSON.</exception>
    public static IReadOnlyList<ServerPackage> Read(IReadOnlyList<ReadOnlyMemory<byte>> files)
    {
        var known = new Dictionary<string, ServerPackage>(StringComparer.OrdinalIgnoreCase);
        foreach (var file in files)
        {
            using var json = JsonDocument.Parse(file);
            foreach (var package in Packages(json.RootElement)) known.TryAdd(package.Name, package);
        }

        // An application that references projects, or the core alone, has nothing of the package that brings both.
        foreach (var name in s_own)
        {
            var needs = known.TryGetValue(name, out var package) ? package.Needs : name switch
            {
                "MlOps.Sdk.Core" => [],
                "MlOps.Sdk" => ["MlOps.Sdk.Core", "MlOps.Sdk.MicrosoftML"],
                _ => ["MlOps.Sdk.Core"],
            };
            known[name] = new ServerPackage(name, ContainerProgram.LibraryVersion, package?.ContentHash, needs) { License = OwnLicense };
        }

        var found = new SortedDictionary<string, ServerPackage>(StringComparer.OrdinalIgnoreCase);
        var waiting = new Queue<string>(s_own);
        while (waiting.TryDequeue(out var name))
        {
            // What the framework brings is no package of the program.
            if (!known.TryGetValue(name, out var package) || !found.TryAdd(package.Name, package)) continue;
            foreach (var needed in package.Needs) waiting.Enqueue(needed);
        }

        return
        [
            .. found.Values.Select(package => package with
            {
                Needs = [.. package.Needs.Where(found.ContainsKey).Order(StringComparer.Ordinal)],
            }),
        ];
    }

    private static IEnumerable<ServerPackage> Packages(JsonElement root)
    {
        if (!root.TryGetProperty("targets", out var targets) || !root.TryGetProperty("libraries", out var libraries)) yield break;
        foreach (var entry in targets.EnumerateObject().SelectMany(target => target.Value.EnumerateObject()))
        {
            if (entry.Name.Split('/') is not [var name, var version]) continue;
            var needs = entry.Value.TryGetProperty("dependencies", out var dependencies)
                ? dependencies.EnumerateObject().Select(dependency => dependency.Name).ToArray()
                : [];
            var hash = libraries.TryGetProperty(entry.Name, out var library) && library.TryGetProperty("sha512", out var sha512)
                ? sha512.GetString()
                : null;
            yield return new ServerPackage(name, version, ContentHashOf(hash), needs);
        }
    }

    private static string? ContentHashOf(string? hash)
    {
        const string Prefix = "sha512-";
        var bytes = new byte[64];
        return hash is not null
            && hash.StartsWith(Prefix, StringComparison.Ordinal)
            && Convert.TryFromBase64String(hash[Prefix.Length..], bytes, out var length)
            && length == bytes.Length
                ? hash[Prefix.Length..]
                : null;
    }
}
