using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Exchange;

/// <summary>A workspace whose parts are exported, and one that takes them up.</summary>
internal abstract class ArchiveFixture
{
    protected TempFolder Folder { get; private set; } = null!;

    protected Workspace Source { get; private set; } = null!;

    protected Workspace Target { get; private set; } = null!;

    protected string Archive => Folder["parts.mlops"];

    [SetUp]
    public async Task OpenAsync()
    {
        Folder = new TempFolder();
        Source = await Workspace.OpenAsync(Folder["source"], options => options.Actor = "sara");
        Target = await Workspace.OpenAsync(Folder["target"], options => options.Actor = "tom");
    }

    [TearDown]
    public async Task CloseAsync()
    {
        await Source.DisposeAsync();
        await Target.DisposeAsync();
        Folder.Dispose();
    }

    protected static async Task<string> LogAsync(Workspace workspace, int seed, string name = "notebook")
    {
        await using var run = await workspace.StartRunAsync(name);
        await run.LogParameterAsync("leaves", seed);
        await run.LogParameterAsync("text", "ä €\n\"");
        for (var step = 0; step < 3; step++) run.LogMetric("loss", step == 1 ? double.NaN : 1.0 / (step + seed + 1), step);
        run.LogMetric("worst", double.PositiveInfinity);
        await run.SetTagAsync("team", "retention");
        await run.AddNoteAsync("as good as it gets");
        await run.LogArtifactAsync("model.bin", Encoding.UTF8.GetBytes($"model {seed}"));
        await using (var child = await run.StartChildAsync("fold"))
        {
            await child.LogParameterAsync("fold", 1);
            await child.CompleteAsync();
        }
        await run.CompleteAsync();
        return run.Id;
    }

    /// <summary>Rewrites an entry of the archive, and the manifest with it, as a forger does.</summary>
    protected static byte[] Forge(byte[] archive, string entry, Func<string, string> change)
    {
        var content = Encoding.UTF8.GetBytes(change(Encoding.UTF8.GetString(ZipBytes.EntryOf(archive, entry))));
        var entries = ZipBytes.NamesOf(archive).ToDictionary(name => name, name => ZipBytes.EntryOf(archive, name));
        entries[entry] = content;
        if (entry != ArchiveManifest.Name)
        {
            var manifest = JsonNode.Parse(entries[ArchiveManifest.Name])!;
            var named = manifest["entries"]!.AsArray().Single(each => (string?)each!["name"] == entry)!;
            named["length"] = content.Length;
            named["sha256"] = Convert.ToHexStringLower(SHA256.HashData(content));
            entries[ArchiveManifest.Name] = Encoding.UTF8.GetBytes(manifest.ToJsonString());
        }
        return Zip([.. entries.Select(each => (each.Key, each.Value))]);
    }

    protected static byte[] Zip(
        (string Name, byte[] Content)[] entries,
        System.IO.Compression.CompressionLevel level = System.IO.Compression.CompressionLevel.NoCompression)
    {
        using var bytes = new MemoryStream();
        using (var zip = new System.IO.Compression.ZipArchive(bytes, System.IO.Compression.ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (name, content) in entries)
            {
                using var entry = zip.CreateEntry(name, level).Open();
                entry.Write(content);
            }
        }

        return bytes.ToArray();
    }

    /// <summary>Everything that the target has: rows and artifacts.</summary>
    protected async Task<string> StateAsync()
    {
        var text = new StringBuilder();
        var runs = await Target.Runs.SearchAsync("kind in (Lifecycle, Experiment)", MlOps.Sdk.Tracking.RunOrder.Oldest);
        foreach (var run in runs.OrderBy(run => run.Id))
        {
            text.AppendLine(Testing(await Target.Runs.DetailsAsync(run.Id)));
        }
        await foreach (var entry in Target.Audit.ReadAsync()) text.AppendLine(entry.Hash);
        var artifacts = new List<string>();
        await foreach (var artifact in Target.Artifacts.ListAsync()) artifacts.Add(artifact.Id.Hex);
        return text.AppendJoin('\n', artifacts.Order(StringComparer.Ordinal)).ToString();
    }

    protected static string Testing(MlOps.Sdk.Tracking.RunDetails details) => System.Text.Json.JsonSerializer.Serialize(details);
}
