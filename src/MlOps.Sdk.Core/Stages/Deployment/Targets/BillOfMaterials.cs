using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace MlOps.Sdk.Deployment;

/// <summary>
/// Writes the bill of materials of a container context: CycloneDX 1.6, see https://cyclonedx.org/docs/1.6/json/. The same file of
/// a release and the same packages give the same bytes.
/// </summary>
internal static class BillOfMaterials
{
    public const string FileName = "sbom.cdx.json";

    private const string ServerRef = "server";
    private const string ModelRef = "model";

    /// <summary>Writes the bill.</summary>
    /// <param name="release">The release.</param>
    /// <param name="sha256">The SHA-256 of its file, in hexadecimal.</param>
    /// <param name="packages">The packages of the program.</param>
    public static byte[] Write(Release release, string sha256, IReadOnlyList<ServerPackage> packages)
    {
        var bytes = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(bytes, new JsonWriterOptions { Indented = true, NewLine = "\n" }))
        {
            json.WriteStartObject();
            json.WriteString("$schema", "http://cyclonedx.org/schema/bom-1.6.schema.json");
            json.WriteString("bomFormat", "CycloneDX");
            json.WriteString("specVersion", "1.6");
            json.WriteString("serialNumber", $"urn:uuid:{IdOf(release, sha256, packages)}");
            json.WriteNumber("version", 1);
            json.WriteStartObject("metadata");
            json.WriteString("timestamp", release.PromotedAt);
            json.WriteStartObject("component");
            WriteNames(json, "application", ServerRef, $"{release.Endpoint}-server", VersionOf(release));
            json.WriteEndObject();
            json.WriteEndObject();
            WriteComponents(json, release, sha256, packages);
            WriteDependencies(json, packages);

            // What the images of the Dockerfile bring is not listed.
            json.WriteStartArray("compositions");
            json.WriteStartObject();
            json.WriteString("aggregate", "incomplete");
            WriteStrings(json, "assemblies", [ServerRef]);
            json.WriteEndObject();
            json.WriteEndArray();
            json.WriteEndObject();
        }

        return bytes.WrittenSpan.ToArray();
    }

    private static void WriteComponents(
        Utf8JsonWriter json, Release release, string sha256, IReadOnlyList<ServerPackage> packages)
    {
        json.WriteStartArray("components");
        json.WriteStartObject();
        WriteNames(json, "machine-learning-model", ModelRef, release.Endpoint, VersionOf(release));
        WriteHash(json, "SHA-256", sha256);
        WriteProperty(json, "mlops:contentHash", release.ContentHash);
        json.WriteEndObject();
        foreach (var package in packages)
        {
            json.WriteStartObject();
            WriteNames(json, "library", UrlOf(package), package.Name, package.Version);
            if (package.License is { } license) WriteLicense(json, license, isId: ServerPackages.IsOwn(package.Name));
            json.WriteString("purl", UrlOf(package));
            if (package.ContentHash is { } hash) WriteProperty(json, "nuget:contentHash", hash);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteDependencies(Utf8JsonWriter json, IReadOnlyList<ServerPackage> packages)
    {
        var urls = packages.ToDictionary(package => package.Name, UrlOf, StringComparer.OrdinalIgnoreCase);
        json.WriteStartArray("dependencies");
        WriteDependency(json, ServerRef, [ModelRef, urls["MlOps.Sdk"], urls["MlOps.Sdk.AspNetCore"]]);
        WriteDependency(json, ModelRef, []);
        foreach (var package in packages) WriteDependency(json, UrlOf(package), package.Needs.Select(name => urls[name]));
        json.WriteEndArray();
    }

    private static void WriteDependency(Utf8JsonWriter json, string of, IEnumerable<string> on)
    {
        json.WriteStartObject();
        json.WriteString("ref", of);
        WriteStrings(json, "dependsOn", on);
        json.WriteEndObject();
    }

    private static void WriteNames(Utf8JsonWriter json, string type, string reference, string name, string version)
    {
        json.WriteString("type", type);
        json.WriteString("bom-ref", reference);
        json.WriteString("name", name);
        json.WriteString("version", version);
    }

    // An id must be in the list of the schema: whether one of another package is, nobody knows here.
    private static void WriteLicense(Utf8JsonWriter json, string expression, bool isId)
    {
        json.WriteStartArray("licenses");
        json.WriteStartObject();
        if (isId)
        {
            json.WriteStartObject("license");
            json.WriteString("id", expression);
            json.WriteEndObject();
        }
        else
        {
            json.WriteString("expression", expression);
        }

        json.WriteEndObject();
        json.WriteEndArray();
    }

    private static void WriteProperty(Utf8JsonWriter json, string name, string value)
    {
        json.WriteStartArray("properties");
        json.WriteStartObject();
        json.WriteString("name", name);
        json.WriteString("value", value);
        json.WriteEndObject();
        json.WriteEndArray();
    }

    private static void WriteHash(Utf8JsonWriter json, string algorithm, string hash)
    {
        json.WriteStartArray("hashes");
        json.WriteStartObject();
        json.WriteString("alg", algorithm);
        json.WriteString("content", hash);
        json.WriteEndObject();
        json.WriteEndArray();
    }

    private static void WriteStrings(Utf8JsonWriter json, string name, IEnumerable<string> values)
    {
        json.WriteStartArray(name);
        foreach (var value in values) json.WriteStringValue(value);
        json.WriteEndArray();
    }

    private static string UrlOf(ServerPackage package) =>
        $"pkg:nuget/{Uri.EscapeDataString(package.Name)}@{Uri.EscapeDataString(package.Version)}";

    private static string VersionOf(Release release) => FormattableString.Invariant($"{release.Version}");

    // A UUID of version 8 (RFC 9562): its other bits are those of a hash.
    private static string IdOf(Release release, string sha256, IReadOnlyList<ServerPackage> packages)
    {
        var text = FormattableString.Invariant($"{release.Endpoint}\n{release.Version}\n{sha256}\n{release.PromotedAt:O}\n")
            + string.Join('\n', packages.Select(package => $"{UrlOf(package)} {package.License}"));
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(text));
        hash[6] = (byte)((hash[6] & 0x0F) | 0x80);
        hash[8] = (byte)((hash[8] & 0x3F) | 0x80);
        return new Guid(hash.AsSpan(0, 16), bigEndian: true).ToString();
    }
}
