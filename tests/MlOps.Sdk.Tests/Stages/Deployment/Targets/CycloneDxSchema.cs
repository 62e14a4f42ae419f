using System.Runtime.Loader;
using System.Text.Json;
using Json.Schema;

namespace MlOps.Sdk.Tests.Deployment;

/// <summary>The official JSON schema of CycloneDX 1.6, out of the package of its own tool.</summary>
internal static class CycloneDxSchema
{
    private static readonly Lazy<JsonSchema> s_schema = new(Read);

    /// <summary>All that is wrong with a document, with its place in it.</summary>
    public static IReadOnlyList<string> FindMistakes(ReadOnlyMemory<byte> bill)
    {
        using var document = JsonDocument.Parse(bill);
        var result = s_schema.Value.Evaluate(
            document.RootElement, new EvaluationOptions { OutputFormat = OutputFormat.List, RequireFormatValidation = true });
        return result.IsValid
            ? []
            :
            [
                .. (result.Details ?? []).SelectMany(
                    detail => (detail.Errors ?? new Dictionary<string, string>()).Select(
                        error => $"{detail.InstanceLocation} {error.Key} {error.Value}")),
            ];
    }

    private static JsonSchema Read()
    {
        // It is read alone: what the tool needs beside it is not loaded.
        var context = new AssemblyLoadContext("CycloneDX", isCollectible: true);
        var tool = context.LoadFromAssemblyPath(Path.Combine(AppContext.BaseDirectory, "CycloneDX", "CycloneDX.Core.dll"));
        var options = new BuildOptions { SchemaRegistry = new SchemaRegistry() };
        foreach (var name in (string[])["spdx", "jsf-0.82", "cryptography-defs"]) JsonSchema.FromText(TextOf(name), options);
        return JsonSchema.FromText(TextOf("bom-1.6"), options);

        string TextOf(string name)
        {
            using var reader = new StreamReader(tool.GetManifestResourceStream($"CycloneDX.Core.Schemas.{name}.schema.json")!);
            return reader.ReadToEnd();
        }
    }
}
