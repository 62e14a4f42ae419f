using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using MlOps.Sdk.Data;
using MlOps.Sdk.Features;
using MlOps.Sdk.Monitoring;
using MlOps.Sdk.Packaging;
using MlOps.Sdk.Plugins;
using MlOps.Sdk.Processing;
using MlOps.Sdk.Registry;
using MlOps.Sdk.Testing;
using MlOps.Sdk.Tests.Plugins;
using MlOps.Sdk.Training;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Packaging;

/// <summary>
/// Whatever happens to a package on its way, reading it gives the package that was written, or an error that says what to do.
/// </summary>
[TestFixture]
public sealed class PackageFileTests
{
    private static readonly string[] Decisive = ["graph.json", "model.bin", "decision.json", "baseline.bin", "golden.json"];

    private static readonly Lazy<Task<byte[]>> Boosted = new(() => MakeAsync(async workspace =>
    {
        await BlessedModels.CreateAsync(workspace, "boosted", Trainers.GradientBoosting());
        return "boosted";
    }));

    private static readonly Lazy<Task<byte[]>> Plugin = new(() => MakeAsync(async workspace =>
    {
        await PluginLifecycle.Build().RunAsync(workspace);
        return PluginLifecycle.Name;
    }));

    [TestCase(true)]
    [TestCase(false)]
    public async Task Read_MutatedFile_IsRefusedOrEqual(bool isPlugin)
    {
        var good = await (isPlugin ? Plugin : Boosted).Value;
        using var original = Read(good);
        var random = new Random(23);
        var refused = 0;
        for (var i = 0; i < 600; i++)
        {
            var bytes = Mutate(good, random);
            try
            {
                using var package = Read(bytes);
                Assert.That(package.ContentHash, Is.EqualTo(original.ContentHash), $"mutation {i}");
                Assert.That(package.CheckGoldenRows(), Is.Null, $"mutation {i}");
            }
            catch (MlOpsException e)
            {
                Assert.That(e.Remedy, Is.Not.Null.And.Not.Empty, $"mutation {i}: {e.Message}");
                refused++;
            }
        }

        Assert.That(refused, Is.GreaterThan(300));
    }

    // An attacker, or a bug, that writes hashes which fit: nothing but a package or a clear error may come out.
    [TestCase(true)]
    [TestCase(false)]
    public async Task Read_MutatedEntryWithHashesThatFit_IsRefusedOrReadAsAPackage(bool isPlugin)
    {
        var good = await (isPlugin ? Plugin : Boosted).Value;
        var random = new Random(29);
        var refused = 0;
        for (var i = 0; i < 700; i++)
        {
            var entries = Unzip(good);
            var name = entries.Keys
                .Where(key => key != "manifest.json")
                .Order(StringComparer.Ordinal)
                .ElementAt(random.Next(entries.Count - 1));
            entries[name] = Mutate(entries[name], random);
            try
            {
                using var package = Read(Seal(entries));
                _ = package.CheckGoldenRows();
            }
            catch (MlOpsException e)
            {
                Assert.That(e.Remedy, Is.Not.Null.And.Not.Empty, $"mutation {i} of {name}: {e.Message}");
                refused++;
            }
            catch (Exception e) when (e is not AssertionException)
            {
                Assert.Fail($"Mutation {i} of {name} gave {e}");
            }
        }

        Assert.That(refused, Is.GreaterThan(100));
    }

    [TestCase("graph.json")]
    [TestCase("decision.json")]
    [TestCase("golden.json")]
    [TestCase("problem.json")]
    [TestCase("run.json")]
    public async Task Read_JsonWithAPartMissingOrOfAnotherKind_IsRefusedOrReadAsAPackage(string name)
    {
        var good = await Plugin.Value;
        var failures = new List<string>();
        var tried = 0;
        foreach (var (path, changed) in Variants(Encoding.UTF8.GetString(Unzip(good)[name])))
        {
            tried++;
            var entries = Unzip(good);
            entries[name] = Encoding.UTF8.GetBytes(changed);
            try
            {
                using var package = Read(Seal(entries));
                _ = package.CheckGoldenRows();
                _ = new MonitoringWindow("model", 1, WindowShape.Of(package), 10);
                _ = package.Facts.Parameters.Count + package.Facts.Metrics.Count;
            }
            catch (MlOpsException e)
            {
                if (string.IsNullOrEmpty(e.Remedy)) failures.Add($"{path}: no remedy in '{e.Message}'");
            }
            catch (Exception e) when (e is not AssertionException)
            {
                failures.Add($"{path}: {e.GetType().Name} {e.StackTrace?.Split('\n')[0].Trim()}");
            }
        }

        Assert.That(tried, Is.GreaterThan(10));
        Assert.That(failures, Is.Empty);
    }

    [Test]
    public async Task Read_SealedAgainWithoutAChange_IsEqual()
    {
        var good = await Plugin.Value;
        using var original = Read(good);
        using var again = Read(Seal(Unzip(good)));

        Assert.That(again.ContentHash, Is.EqualTo(original.ContentHash));
        Assert.That(again.CheckGoldenRows(), Is.Null);
    }

    [TestCase("extra.bin")]
    [TestCase("../../x")]
    [TestCase("/etc/passwd")]
    public async Task Read_EntryThatTheFormatDoesNotKnow_IsRefusedThoughTheManifestNamesIt(string name)
    {
        var entries = Unzip(await Plugin.Value);
        Change(entries, manifest => manifest["entries"]![name] = new JsonObject { ["sha256"] = "", ["length"] = 0, ["decisive"] = false });
        entries[name] = [1, 2, 3];

        Assert.That(
            () => Read(Seal(entries)),
            Throws.TypeOf<MlOpsException>().With.Message.Contains($"'{name}', which is not part of a package"));
    }

    [TestCase(-1)]
    [TestCase(0)]
    public async Task Read_FormatThatNeverWas_IsRefused(int format)
    {
        var entries = Unzip(await Plugin.Value);
        Change(entries, manifest => manifest["format"] = format);

        Assert.That(() => Read(Seal(entries)), Throws.TypeOf<MlOpsException>().With.Message.Contains($"its format is {format}"));
    }

    [Test]
    public async Task Read_NoGoldenRows_IsRefused()
    {
        var entries = Unzip(await Plugin.Value);
        entries["golden.json"] = "{\"rows\":[],\"scoreBits\":[]}"u8.ToArray();

        Assert.That(() => Read(Seal(entries)), Throws.TypeOf<MlOpsException>().With.Message.Contains("no golden rows"));
    }

    [TestCase(1)]
    [TestCase(3)]
    public async Task Read_EntriesThatUnpackToMuch_AreRefusedBeforeTheyAre(int count)
    {
        var entries = Unzip(await Plugin.Value);
        foreach (var name in Decisive.Take(count)) entries[name] = new byte[120_000_000 / count];
        var bytes = Seal(entries);
        var before = GC.GetAllocatedBytesForCurrentThread();

        Assert.That(() => Read(bytes), Throws.TypeOf<MlOpsException>().With.Message.Contains("decompress to"));
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(10_000_000), $"of {bytes.Length} bytes");
    }

    // Numbers that hardly differ pack well, and what was written must be readable.
    [Test]
    public async Task Write_ModelThatPacksWell_CanBeRead()
    {
        using var package = Read(await Plugin.Value);
        var facts = package.Facts with { Trainer = new string('a', 70_000_000) };

        using var again = Read(PackageFile.Write(new ModelPackage(package.Parts with { Facts = facts })).Bytes);

        Assert.That(again.Facts.Trainer, Has.Length.EqualTo(70_000_000));
    }

    private static void Change(Dictionary<string, byte[]> entries, Action<JsonNode> change)
    {
        var manifest = JsonNode.Parse(entries["manifest.json"])!;
        change(manifest);
        entries["manifest.json"] = Encoding.UTF8.GetBytes(manifest.ToJsonString());
    }

    /// <summary>
    /// The JSON with each of its parts removed, null, a number, a text, an empty list and an empty object, in turn; of
    /// long lists only the first element.
    /// </summary>
    private static IEnumerable<(string Path, string Json)> Variants(string json)
    {
        foreach (var path in Paths(JsonNode.Parse(json)!))
        {
            foreach (var value in new[] { "remove", "null", "-7", "\"text\"", "[]", "{}", "[null]" })
            {
                var root = JsonNode.Parse(json)!;
                var parent = root;
                foreach (var step in path[..^1]) parent = step is int index ? parent[index]! : parent[(string)step]!;
                if (path[^1] is int at)
                {
                    if (value == "remove") parent.AsArray().RemoveAt(at);
                    else parent[at] = JsonNode.Parse(value);
                }
                else if (value == "remove")
                {
                    parent.AsObject().Remove((string)path[^1]);
                }
                else
                {
                    parent[(string)path[^1]] = JsonNode.Parse(value);
                }

                yield return ($"{string.Join('/', path)} = {value}", root.ToJsonString());
            }
        }
    }

    private static IEnumerable<object[]> Paths(JsonNode node)
    {
        IEnumerable<(object Step, JsonNode? Child)> children = node switch
        {
            JsonObject members => members.Select(member => ((object)member.Key, member.Value)),
            JsonArray elements => elements.Take(1).Select((element, i) => ((object)i, element)),
            _ => [],
        };
        foreach (var (step, child) in children)
        {
            yield return [step];
            if (child is null) continue;
            foreach (var path in Paths(child)) yield return [step, .. path];
        }
    }

    private static ModelPackage Read(byte[] bytes)
    {
        var readers = new FormatReaders();
        BuiltInRowProcessors.AddTo(readers);
        BuiltInTransforms.AddTo(readers);
        BuiltInModels.AddTo(readers);
        PluginLifecycle.AddReaders(readers);
        return PackageFile.Read(bytes, readers);
    }

    private static async Task<byte[]> MakeAsync(Func<Workspace, Task<string>> train)
    {
        await using var temporary = await TemporaryWorkspace.OpenAsync(options => PluginLifecycle.AddReaders(options.Readers));
        var model = await train(temporary.Workspace);
        var champion = await temporary.Workspace.Models.FindByAliasAsync(model, ModelRegistry.Champion);
        return await temporary.Workspace.Artifacts.ReadAllAsync(champion!.PackageId);
    }

    private static byte[] Mutate(byte[] good, Random random)
    {
        var bytes = (byte[])good.Clone();
        var at = random.Next(bytes.Length);
        switch (random.Next(7))
        {
            case 0: bytes[at] ^= (byte)(1 << random.Next(8)); return bytes;
            case 1: return bytes[..at];
            case 2: return [.. bytes[..at], (byte)random.Next(256), .. bytes[at..]];
            case 3: return [.. bytes[..at], .. bytes[Math.Min(bytes.Length, at + random.Next(1, 20))..]];
            case 4:
                random.NextBytes(bytes.AsSpan(at, Math.Min(bytes.Length - at, random.Next(1, 12))));
                return bytes;
            case 5:
                var number = BitConverter.GetBytes(random.Next(4) switch { 0 => -1, 1 => int.MaxValue, 2 => 0, _ => random.Next() });
                number.AsSpan(0, Math.Min(4, bytes.Length - at)).CopyTo(bytes.AsSpan(at));
                return bytes;
            default:
                // The directory and the headers of a zip stand at its end.
                var tail = Math.Max(0, bytes.Length - 1 - random.Next(Math.Min(700, bytes.Length)));
                bytes[tail] = (byte)random.Next(256);
                return bytes;
        }
    }

    private static Dictionary<string, byte[]> Unzip(byte[] bytes)
    {
        using var zip = new ZipArchive(new MemoryStream(bytes), ZipArchiveMode.Read);
        return zip.Entries.ToDictionary(entry => entry.FullName, entry =>
        {
            using var stream = entry.Open();
            using var buffer = new MemoryStream();
            stream.CopyTo(buffer);
            return buffer.ToArray();
        });
    }

    private static byte[] Seal(Dictionary<string, byte[]> entries)
    {
        var manifest = JsonNode.Parse(entries["manifest.json"])!;
        foreach (var (name, bytes) in entries.Where(entry => entry.Key != "manifest.json"))
        {
            manifest["entries"]![name]!["sha256"] = Convert.ToHexStringLower(SHA256.HashData(bytes));
            manifest["entries"]![name]!["length"] = bytes.Length;
        }

        var text = new StringBuilder().Append("mlops-package/1\n").Append((string)manifest["modelFormat"]!).Append('\n');
        if ((bool?)manifest["refusesMissing"] == true) text.Append("refuses missing\n");
        foreach (var name in Decisive.Order(StringComparer.Ordinal))
        {
            text.Append(name).Append(' ').Append((string)manifest["entries"]![name]!["sha256"]!).Append('\n');
        }
        manifest["contentHash"] = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())));
        using var stream = new MemoryStream();
        using (var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (name, bytes) in entries)
            {
                using var entry = zip.CreateEntry(name).Open();
                entry.Write(name == "manifest.json" ? Encoding.UTF8.GetBytes(manifest.ToJsonString()) : bytes);
            }
        }

        return stream.ToArray();
    }
}
