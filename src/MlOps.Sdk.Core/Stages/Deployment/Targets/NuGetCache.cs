using System.Text.Json;
using System.Xml;

namespace MlOps.Sdk.Deployment;

/// <summary>
/// What the folder of NuGet on this machine says of packages, see
/// https://learn.microsoft.com/nuget/consume-packages/managing-the-global-packages-and-cache-folders. Where an application runs that was
/// published elsewhere, there is none.
/// </summary>
/// <param name="root">The folder.</param>
internal sealed class NuGetCache(string root)
{
    private const int MaxNuspecCharacters = 1 << 20;

    /// <summary>That of who runs the process.</summary>
    public static NuGetCache OfThisUser() => new(
        Environment.GetEnvironmentVariable("NUGET_PACKAGES") is { Length: > 0 } folder
            ? folder
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages"));

    /// <summary>The license of a package as SPDX expression; <see langword="null"/> where its nuspec has none, or is not there.</summary>
    public string? FindLicense(string name, string version)
    {
        try
        {
            using var reader = XmlReader.Create(
                PathOf(name, version, $"{name.ToLowerInvariant()}.nuspec"),
                new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit, MaxCharactersInDocument = MaxNuspecCharacters });
            while (reader.Read())
            {
                if (reader is not { NodeType: XmlNodeType.Element, LocalName: "license" }) continue;
                return reader.GetAttribute("type") == "expression" && reader.ReadElementContentAsString().Trim() is { Length: > 0 } text
                    ? text
                    : null;
            }

            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or XmlException)
        {
            return null;
        }
    }

    /// <summary>
    /// The folder that a package was restored from; <see langword="null"/> where it came over the network or is not there.
    /// </summary>
    public string? FindSourceFolder(string name, string version)
    {
        try
        {
            using var json = JsonDocument.Parse(File.ReadAllBytes(PathOf(name, version, ".nupkg.metadata")));
            return json.RootElement.TryGetProperty("source", out var source)
                && source.ValueKind == JsonValueKind.String
                && source.GetString() is { } folder
                && Path.IsPathFullyQualified(folder)
                && Directory.Exists(folder)
                    ? folder
                    : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            return null;
        }
    }

    private string PathOf(string name, string version, string file) =>
        Path.Combine(root, name.ToLowerInvariant(), version.ToLowerInvariant(), file);
}
