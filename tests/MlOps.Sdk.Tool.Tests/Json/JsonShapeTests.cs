using System.Text.Json;
using MlOps.Sdk.Tests.Architecture;
using NUnit.Framework;

namespace MlOps.Sdk.Tool.Tests;

/// <summary>What scripts rely on: the names in the JSON documents. A name may be added to shapes.txt, and none may leave it.</summary>
[TestFixture]
public sealed class JsonShapeTests
{
    // Their names are those of a team's own metrics, parameters and so on.
    private static readonly string[] s_dictionaries = ["parameters", "metrics", "tags", "packages", "outputs"];

    [Test]
    public async Task Documents_OfAllCommands_HaveTheNamesThatAreDocumented()
    {
        using var folder = new TempFolder();
        var tool = new Mlops { Variables = { ["MLOPS_WORKSPACE"] = SampleWorkspace.Copy(folder) } };
        var first = SampleWorkspace.Experiments[0];
        string[][] lines =
        [
            ["runs", "list"],
            ["runs", "show", first],
            ["runs", "metrics", first],
            ["search", "lifecycle = notebook"],
            ["compare", first, SampleWorkspace.Experiments[1]],
            ["models", "list"],
            ["models", "versions", SampleWorkspace.Model],
            ["models", "show", SampleWorkspace.Model],
            ["models", "history", SampleWorkspace.Model],
            ["promote", SampleWorkspace.Model, "1", "--reason", "r"],
            ["rollback", SampleWorkspace.Model, "--to", "2", "--reason", "r"],
            ["audit", "verify"],
            ["audit", "list"],
            ["backup", folder["copy.db"]],
            ["gc", "--dry-run", "--keep-runs", "1", "--keep-days", "0"],
            ["profile", SampleWorkspace.Rows],
            ["drift", SampleWorkspace.Rows, SampleWorkspace.Shifted],
            ["score", SampleWorkspace.Model, SampleWorkspace.Rows, "-o", folder["scores.csv"]],
        ];
        SortedSet<string> names = new(StringComparer.Ordinal);
        foreach (var line in lines)
        {
            var outcome = await tool.RunAsync([.. line, "--json"]);
            Assert.That(outcome.Error, Is.Empty);
            var command = line[0] is "runs" or "models" or "audit" ? $"{line[0]} {line[1]}" : line[0];
            names.UnionWith(Names(outcome.Json, "").Select(name => $"{command}: {name}"));
        }

        var documented = await ReadAsync(names);
        Assert.Multiple(() =>
        {
            Assert.That(documented.Except(names), Is.Empty, "these names left the documents, which breaks scripts");
            Assert.That(names.Except(documented), Is.Empty, "these are new: run this test with MLOPS_ACCEPT_SHAPES=1");
        });
    }

    private static async Task<string[]> ReadAsync(IEnumerable<string> names)
    {
        var shapes = Path.Combine(Repository.Root, "tests", "MlOps.Sdk.Tool.Tests", "Json", "shapes.txt");
        if (Environment.GetEnvironmentVariable("MLOPS_ACCEPT_SHAPES") == "1") await File.WriteAllLinesAsync(shapes, names);
        return await File.ReadAllLinesAsync(shapes);
    }

    private static IEnumerable<string> Names(JsonElement element, string path) => element.ValueKind switch
    {
        JsonValueKind.Object => element.EnumerateObject().SelectMany(property =>
            s_dictionaries.Contains(property.Name) && property.Value.ValueKind == JsonValueKind.Object
                ? [Under(path, property.Name)]
                : Names(property.Value, Under(path, property.Name)).Prepend(Under(path, property.Name))),
        JsonValueKind.Array => element.EnumerateArray().SelectMany(item => Names(item, $"{path}[]")),
        _ => [],
    };

    private static string Under(string path, string name) => path.Length == 0 ? name : $"{path}.{name}";
}
