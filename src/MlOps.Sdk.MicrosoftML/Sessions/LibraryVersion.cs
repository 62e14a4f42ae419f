using System.Reflection;
using Microsoft.ML;

namespace MlOps.Sdk.MLNet;

/// <summary>The version of the library, on which the results of its trainers depend.</summary>
internal static class LibraryVersion
{
    /// <summary>For example <c>5.0.1</c>.</summary>
    public static string Text { get; } = Read(typeof(MLContext).Assembly);

    /// <summary>The version of something whose results depend on the library's, too.</summary>
    public static string With(string version) => $"{version}, Microsoft.ML {Text}";

    private static string Read(Assembly assembly)
    {
        var text = assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion
            ?? assembly.GetName().Version?.ToString()
            ?? "unknown";
        var end = text.IndexOf('+', StringComparison.Ordinal);
        return end < 0 ? text : text[..end];
    }
}
