using System.Reflection;
using System.Runtime.CompilerServices;

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

    private static readonly Lazy<DeployedPackages> Packages = new(() => DeployedPackages.Read(
        (AppContext.GetData("APP_CONTEXT_DEPS_FILES") as string ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries)));

    /// <summary>Whose code it is.</summary>
    public static CodeOrigin Of(Assembly assembly) => (CodeOrigin)Known.GetValue(assembly, static known => Find(known));

    /// <inheritdoc cref="Of(Assembly)"/>
    public static CodeOrigin Of(Type type) => Of(type.Assembly);

    /// <summary>
    /// Whether an assembly of the framework comes with the application, as a package that can be upgraded, and not with the runtime.
    /// </summary>
    public static bool IsDeployed(Assembly assembly) =>
        Of(assembly) == CodeOrigin.Framework && !assembly.IsDynamic && Packages.Value.Brings(assembly.GetName().Name!, assembly.Location);

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
        return !assembly.IsDynamic && Packages.Value.Names.Contains(name.Name!) ? CodeOrigin.Package : CodeOrigin.User;
    }

    private static bool IsFramework(AssemblyName assembly) =>
        (assembly.Name is "mscorlib" or "netstandard" or "System" or "WindowsBase" or "Microsoft.CSharp" or "Microsoft.VisualBasic"
                or "Microsoft.VisualBasic.Core"
            || FrameworkNames.Any(name => assembly.Name!.StartsWith(name, StringComparison.Ordinal)))
        && assembly.GetPublicKeyToken() is { Length: > 0 } key
        && FrameworkKeys.Contains(Convert.ToHexStringLower(key));
}
