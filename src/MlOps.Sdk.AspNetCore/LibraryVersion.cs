using System.Reflection;

namespace MlOps.Sdk.AspNetCore;

/// <summary>The version of the library, as clients ask for it.</summary>
internal static class LibraryVersion
{
    public static string Text { get; } = typeof(LibraryVersion).Assembly
        .GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];
}
