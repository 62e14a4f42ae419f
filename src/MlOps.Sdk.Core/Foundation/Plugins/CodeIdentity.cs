using System.Reflection;

namespace MlOps.Sdk.Plugins;

/// <summary>Which code did something, for lineage.</summary>
internal static class CodeIdentity
{
    /// <summary>
    /// The assemblies of the library and of some types, each with its version and the id of its module, which
    /// changes with every build of other code.
    /// </summary>
    public static IReadOnlyList<string> Of(IEnumerable<Type> types) =>
    [
        .. types.Select(type => type.Assembly).Prepend(typeof(CodeIdentity).Assembly).Distinct()
            .Select(assembly => $"{assembly.GetName().Name} {VersionOf(assembly)} ({assembly.ManifestModule.ModuleVersionId})"),
    ];

    private static string? VersionOf(Assembly assembly) =>
        assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion
        ?? assembly.GetName().Version?.ToString();
}
