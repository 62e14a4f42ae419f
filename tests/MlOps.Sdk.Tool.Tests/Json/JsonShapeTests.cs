using System.CommandLine.Parsing;
using System.Text.Json;
using MlOps.Sdk.Tests.Architecture;
using MlOps.Sdk.Tests.Exchange;
using NUnit.Framework;

namespace MlOps.Sdk.Tool.Tests;

/// <summary>What scripts rely on: the names in the JSON documents. A name may be added to shapes.txt, and none may leave it.</summary>
[TestFixture]
public sealed class JsonShapeTests
{
    // Their names are those of a team's own metrics, parameters and so on.
    private static readonly string[] s_dictionaries = ["parameters", "metrics", "foldMetrics", "tags", "aliases", "packages", "outputs"];

    [Test]
    public async Task Documents_OfAllCommands_HaveTheNamesThatAreDocumented()
    {
        using var folder = new TempFolder();
        var tool = new Mlops { Variables = { ["MLOPS_WORKSPACE"] = SampleWorkspace.Copy(folder) } };
        using var awaiting = new TempFolder();
        await SampleApprovals.AddAsync(SampleWorkspace.Copy(awaiting));
        await using var mlflow = new FakeMlflow();
        var first = SampleWorkspace.Experiments[0];
        var lifecycle = SampleWorkspace.Lifecycles[^1];
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
            ["audit", "anchor"],
            ["audit", "export", "--output", folder["audit.csv"]],
            ["runs", "log", lifecycle],
            ["runs", "leaderboard", lifecycle],
            ["models", "compare", SampleWorkspace.Model, "1", "2"],
            ["models", "tag", SampleWorkspace.Model, "team", "retention"],
            ["models", "untag", SampleWorkspace.Model, "team"],
            ["models", "describe", SampleWorkspace.Model, "text"],
            ["models", "alias", "set", SampleWorkspace.Model, "candidate", "1", "--reason", "r"],
            ["models", "alias", "remove", SampleWorkspace.Model, "candidate", "--reason", "r"],
            ["models", "changes", SampleWorkspace.Model],
            ["card", SampleWorkspace.Model],
            ["models", "archive", SampleWorkspace.Model, "1", "--reason", "r"],
            ["models", "unarchive", SampleWorkspace.Model, "1", "--reason", "r"],
            ["approvals", "list", "-w", awaiting["workspace"]],
            ["approve", "1", "--role", "risk-officer", "--actor", "cara", "--reason", "r", "-w", awaiting["workspace"]],
            ["reject", "1", "--role", "model-owner", "--actor", "bob", "--reason", "r", "-w", awaiting["workspace"]],
            ["approvals", "show", "1", "-w", awaiting["workspace"]],
            ["models", "archive", SampleWorkspace.Model, "1", "--reason", "r"],
            ["models", "delete", SampleWorkspace.Model, "1", "--reason", "r"],
            ["backup", folder["backup"]],
            ["backup", "verify", folder["backup"]],
            ["restore", folder["backup"], folder["restored"]],
            ["export", folder["all.zip"]],
            ["import", folder["all.zip"], "-w", folder["restored"]],
            ["export", "mlflow", "lifecycle = notebook", "--server", mlflow.Address.ToString()],
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
            names.UnionWith(Names(outcome.Json, "").Select(name => $"{NameOf(line)}: {name}"));
        }

        var documented = await ReadAsync(names);
        Assert.Multiple(() =>
        {
            Assert.That(documented.Except(names), Is.Empty, "these names left the documents, which breaks scripts");
            Assert.That(names.Except(documented), Is.Empty, "these are new: run this test with MLOPS_ACCEPT_SHAPES=1");
        });
    }

    private static string NameOf(string[] line)
    {
        var terminal = new Terminal(new Screen(TextWriter.Null, false), new Screen(TextWriter.Null, false), _ => null);
        var command = CommandLine.Create(new SharedOptions(), terminal).Parse(line).CommandResult;
        List<string> names = [];
        for (SymbolResult? each = command; each is CommandResult { Parent: not null } one; each = each.Parent)
        {
            names.Insert(0, one.Command.Name);
        }

        return string.Join(' ', names);
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
