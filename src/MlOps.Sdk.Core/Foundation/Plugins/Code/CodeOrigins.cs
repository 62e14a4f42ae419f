using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace MlOps.Sdk.Plugins;

/// <summary>Tells whose code an assembly holds. Thread-safe; holds no assembly in memory.</summary>
internal static class CodeOrigins
{
    /// <summary>The name of the assembly metadata that marks the assemblies of this library.</summary>
    public const string Mark = "MlOps.Sdk.CodeIdentity";

    private const string ByVersion = "version";

    // ECMA, .NET Framework, ASP.NET Core and .NET libraries. Nobody else can sign with them.
    private static readonly HashSet<string> FrameworkKeys =
    [
        "b77a5c561934e089", "b03f5f7f11d50a3a", "7cec85d7bea7798e", "cc7b13ffcd2ddd51", "adb9793829ddae60", "31bf3856ad364e35",
    ];

    private static readonly string[] FrameworkNames = ["System.", "Microsoft.Extensions.", "Microsoft.AspNetCore.", "Microsoft.Win32."];

    private static readonly ConditionalWeakTable<Assembly, object> Known = [];

    private static readonly Lazy<HashSet<string>> Packages = new(ReadPackages);

    /// <summary>Whose code it is.</summary>
    public static CodeOrigin Of(Assembly assembly) => (CodeOrigin)Known.GetValue(assembly, static known => Find(known));

    /// <inheritdoc cref="Of(Assembly)"/>
    public static CodeOrigin Of(Type type) => Of(type.Assembly);

    /// <summary>
    /// The version of an assembly of this library, as far as results depend on it: a patch changes none, a preview may.
    /// </summary>
    public static string VersionOf(Assembly assembly)
    {
        var full = assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0];
        if (full?.Contains('-') == true) return full;
        var version = assembly.GetName().Version!;
        return $"{version.Major}.{version.Minor}";
    }

    private static object Find(Assembly assembly)
    {
        var name = assembly.GetName();
        if (IsFramework(name)) return CodeOrigin.Framework;
        if (assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Any(data => data.Key == Mark && data.Value == ByVersion))
        {
            return CodeOrigin.Library;
        }
        return !assembly.IsDynamic && Packages.Value.Contains(name.Name!) ? CodeOrigin.Package : CodeOrigin.User;
    }

    private static bool IsFramework(AssemblyName assembly) =>
        (assembly.Name is "mscorlib" or "netstandard" or "System" or "WindowsBase" or "Microsoft.CSharp" or "Microsoft.VisualBasic"
                or "Microsoft.VisualBasic.Core"
            || FrameworkNames.Any(name => assembly.Name!.StartsWith(name, StringComparison.Ordinal)))
        && assembly.GetPublicKeyToken() is { Length: > 0 } key
        && FrameworkKeys.Contains(Convert.ToHexStringLower(key));

    // Where there is no such file (an application in a single file, a host of another kind), the IL of packages is read like the user's.
    private static HashSet<string> ReadPackages()
    {
        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        var files = (AppContext.GetData("APP_CONTEXT_DEPS_FILES") as string ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries);
        foreach (var file in files.Where(File.Exists))
        {
            try
            {
                using var json = JsonDocument.Parse(File.ReadAllBytes(file));
                var packages = json.RootElement.GetProperty("libraries").EnumerateObject()
                    .Where(library => library.Value.GetProperty("type").GetString() == "package")
                    .Select(library => library.Name)
                    .ToHashSet();
                var targets = json.RootElement.GetProperty("targets").EnumerateObject();
                foreach (var library in targets.SelectMany(target => target.Value.EnumerateObject()))
                {
                    if (!packages.Contains(library.Name)) continue;
                    foreach (var group in library.Value.EnumerateObject().Where(group => group.Name is "runtime" or "runtimeTargets"))
                    {
                        names.UnionWith(group.Value.EnumerateObject().Select(asset => Path.GetFileNameWithoutExtension(asset.Name)));
                    }
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException or KeyNotFoundException
                or InvalidOperationException)
            {
                // Not a file that the SDK wrote.
            }
        }

        return names;
    }
}
