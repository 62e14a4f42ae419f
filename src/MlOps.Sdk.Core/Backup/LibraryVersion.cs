using System.Reflection;

namespace MlOps.Sdk;

/// <summary>Which version of the library wrote a file.</summary>
internal static class LibraryVersion
{
    /// <summary>This one.</summary>
    public static string Current { get; } = typeof(Workspace).Assembly
        .GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];
}
