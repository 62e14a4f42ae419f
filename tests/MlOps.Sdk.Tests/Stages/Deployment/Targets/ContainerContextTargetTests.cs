using System.Security.Cryptography;
using System.Text.Json;
using System.Xml.Linq;
using MlOps.Sdk.Collection;
using MlOps.Sdk.Data;
using MlOps.Sdk.Deployment;
using MlOps.Sdk.Packaging;
using MlOps.Sdk.Testing;
using MlOps.Sdk.Tests.Architecture;
using MlOps.Sdk.Tests.Training;
using MlOps.Sdk.Training;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Deployment;

/// <summary>What <c>docker build</c> gets, at every moment.</summary>
[TestFixture]
public sealed class ContainerContextTargetTests
{
    private const string Name = "sample";

    private static readonly PackageSigner _signer = PackageSigner.Create();
    private static TemporaryWorkspace _origin = null!;
    private static DesiredDeployment _desired = null!;

    private readonly TempFolder _folder = new();

    private string Contexts => Path.Combine(_folder["contexts"], Name);

    private string Context => Path.Combine(Contexts, File.ReadAllText(Path.Combine(Contexts, "current")));

    [OneTimeSetUp]
    public static async Task TrainAsync()
    {
        _origin = await TemporaryWorkspace.OpenAsync();
        _desired = await BlessedModels.DesiredAsync(_origin.Workspace, await BlessedModels.CreateAsync(_origin.Workspace));
    }

    [OneTimeTearDown]
    public static async Task DeleteAsync()
    {
        await _origin.DisposeAsync();
        _signer.Dispose();
    }

    [TearDown]
    public void DeleteFolder() => _folder.Dispose();

    [Test]
    public async Task ApplyAsync_AVersion_WritesAWholeContext()
    {
        await Create().ApplyAsync(_desired);

        Assert.That(
            Directory.EnumerateFiles(Context, "*", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(Context, path)),
            Is.EquivalentTo(new[]
            {
                ".dockerignore", "Directory.Packages.props", "Dockerfile", "Program.cs", "README.md", "Server.csproj", "public-key.pem",
                "sbom.cdx.json",
                Path.Combine("releases", Name, "current.json"),
                Path.Combine("releases", Name, ReleaseFolder.Find(Path.Combine(Context, "releases"), Name)!.ReadCurrent()!.File),
            }));
        Assert.That(await File.ReadAllTextAsync(Path.Combine(Context, "public-key.pem")), Is.EqualTo(_signer.PublicKey));
        Assert.That(
            await File.ReadAllTextAsync(Path.Combine(Context, "Directory.Packages.props")),
            Does.Contain($"Include=\"MlOps.Sdk.AspNetCore\" Version=\"{ContainerProgram.LibraryVersion}\""));
    }

    [Test]
    public async Task ApplyAsync_Dockerfile_HasNoRootAndAHealthCheckOfTheProgram()
    {
        await Create().ApplyAsync(_desired);

        var lines = (await File.ReadAllLinesAsync(Path.Combine(Context, "Dockerfile")))
            .Where(line => line.Length > 0)
            .Select(line => line.Split(' ', 2))
            .Select(parts => (Instruction: parts[0], Value: parts[1]))
            .ToArray();
        var run = lines[Array.FindLastIndex(lines, line => line.Instruction == "FROM")..];
        var labels = run.Where(line => line.Instruction == "LABEL").Select(line => line.Value).ToArray();
        string[] ValuesOf(string instruction) => [.. run.Where(line => line.Instruction == instruction).Select(line => line.Value)];
        Assert.Multiple(() =>
        {
            Assert.That(lines[0], Is.EqualTo(("FROM", "mcr.microsoft.com/dotnet/sdk:10.0 AS build")));
            Assert.That(ValuesOf("FROM"), Is.EqualTo(new[] { "mcr.microsoft.com/dotnet/aspnet:10.0" }));
            Assert.That(ValuesOf("USER"), Is.EqualTo(new[] { "$APP_UID" }));
            Assert.That(ValuesOf("RUN"), Is.Empty, "the image that runs has only what was published");
            Assert.That(ValuesOf("EXPOSE"), Is.EqualTo(new[] { "8080" }));
            Assert.That(ValuesOf("ENV"), Is.EqualTo(new[] { "ASPNETCORE_HTTP_PORTS=8080" }));
            Assert.That(
                JsonSerializer.Deserialize<string[]>(ValuesOf("ENTRYPOINT").Single()), Is.EqualTo(new[] { "dotnet", "Server.dll" }));
            Assert.That(
                JsonSerializer.Deserialize<string[]>(ValuesOf("HEALTHCHECK").Single().Split(" CMD ")[1]),
                Is.EqualTo(new[] { "dotnet", "Server.dll", "--health" }));
            Assert.That(labels, Has.Member($"org.opencontainers.image.title=\"{Name}\""));
            Assert.That(labels, Has.Member("org.opencontainers.image.version=\"1\""));
            Assert.That(labels, Has.Member($"mlops.sdk.content-hash=\"{_desired.Model.Version.ContentHash}\""));
        });
    }

    [Test]
    public async Task ApplyAsync_Program_ServesNothingOlderThanTheReleaseThatItWasBuiltWith()
    {
        await Create().ApplyAsync(_desired);

        var floor = $"{_desired.PromotedAt!.Value.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss.fffffff}+00:00";
        Assert.That(
            await File.ReadAllTextAsync(Path.Combine(Context, "Program.cs")),
            Does.Contain($"[\"MlOps:ReleasesNotBefore\"] ??= \"{floor}\";"));
    }

    // The values are those of examples/ModelServer, which the pages recommend.
    [Test]
    public async Task ApplyAsync_Program_HasTheLimitsOfTheExampleAndAnswersInItsWay()
    {
        await Create().ApplyAsync(_desired);

        var program = await File.ReadAllTextAsync(Path.Combine(Context, "Program.cs"));
        using var settings = JsonDocument.Parse(
            await File.ReadAllBytesAsync(Path.Combine(Repository.Root, "examples", "ModelServer", "appsettings.json")));
        var kestrel = Flat("Kestrel", settings.RootElement.GetProperty("Kestrel")).ToArray();
        Assert.That(kestrel, Has.Length.GreaterThanOrEqualTo(6));
        Assert.Multiple(() =>
        {
            foreach (var (key, value) in kestrel) Assert.That(program, Does.Contain($"[\"{key}\"] = \"{value}\""));
            Assert.That(program, Does.Contain("[\"Logging:LogLevel:Microsoft.AspNetCore\"] = \"Warning\""));
            Assert.That(program, Does.Contain("[\"Logging:LogLevel:Keys\"] = \"Warning\""));
            Assert.That(program, Does.Contain("Configure<KestrelServerOptions>").And.Contain("AddProblemDetails()"));
            Assert.That(
                program.IndexOf("UseStatusCodePages", StringComparison.Ordinal),
                Is.LessThan(program.LastIndexOf("app.UseAuthentication", StringComparison.Ordinal)).And.Positive);
            Assert.That(program, Does.Contain("MapOpenInference()"));
        });

        static IEnumerable<(string Key, string Value)> Flat(string key, JsonElement value) => value.ValueKind == JsonValueKind.Object
            ? value.EnumerateObject().SelectMany(member => Flat($"{key}:{member.Name}", member.Value))
            : [(key, value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText())];
    }

    [Test]
    public async Task ApplyAsync_BillOfMaterials_NamesTheModelAndThePackages()
    {
        await Create().ApplyAsync(_desired);

        using var bill = JsonDocument.Parse(await File.ReadAllBytesAsync(Path.Combine(Context, "sbom.cdx.json")));
        var root = bill.RootElement;
        var components = root.GetProperty("components").EnumerateArray()
            .ToDictionary(component => component.GetProperty("name").GetString()!);
        var references = components.Values.Select(component => component.GetProperty("bom-ref").GetString()!).Append("server").ToArray();
        var dependencies = root.GetProperty("dependencies").EnumerateArray().ToArray();
        var (model, dapper) = (components[Name], components["Dapper"]);
        Assert.Multiple(() =>
        {
            Assert.That(root.GetProperty("bomFormat").GetString(), Is.EqualTo("CycloneDX"));
            Assert.That(root.GetProperty("specVersion").GetString(), Is.EqualTo("1.6"));
            Assert.That(
                root.GetProperty("serialNumber").GetString(),
                Does.Match("^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$"));
            Assert.That(root.GetProperty("metadata").GetProperty("timestamp").GetDateTimeOffset(), Is.EqualTo(_desired.PromotedAt));
            Assert.That(model.GetProperty("type").GetString(), Is.EqualTo("machine-learning-model"));
            Assert.That(model.GetProperty("version").GetString(), Is.EqualTo("1"));
            Assert.That(HashOf(model), Is.EqualTo(("SHA-256", Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(ReleasePath))))));
            Assert.That(
                model.GetProperty("properties")[0].GetProperty("value").GetString(), Is.EqualTo(_desired.Model.Version.ContentHash));
            Assert.That(
                dapper.GetProperty("purl").GetString(), Is.EqualTo($"pkg:nuget/Dapper@{dapper.GetProperty("version").GetString()}"));
            Assert.That(dapper.TryGetProperty("hashes", out _), Is.False, "a registry signs the file, so that its hash is not known");
            Assert.That(
                dapper.GetProperty("properties")[0].GetProperty("value").GetString(),
                Does.Match("^[A-Za-z0-9+/]{86}==$"));
            Assert.That(
                components["MlOps.Sdk"].GetProperty("licenses")[0].GetProperty("license").GetProperty("id").GetString(),
                Is.EqualTo("MIT"));
            Assert.That(components.Keys, Has.Member("MlOps.Sdk").And.Member("MlOps.Sdk.AspNetCore").And.Member("Microsoft.ML.FastTree"));
            Assert.That(components.Keys, Has.No.Member("NUnit").And.No.Member("MlOps.Sdk.Tests"), "what the program does not need");
            Assert.That(dependencies.Select(dependency => dependency.GetProperty("ref").GetString()), Is.EquivalentTo(references));
            Assert.That(
                dependencies.SelectMany(dependency => dependency.GetProperty("dependsOn").EnumerateArray())
                    .Select(on => on.GetString()).Distinct(),
                Is.SubsetOf(references));
        });
    }

    [Test]
    public async Task ApplyAsync_Twice_ChangesNothingAndRemovesWhatWasLeft()
    {
        await Create().ApplyAsync(_desired);
        var (before, written) = (Context, Directory.GetLastWriteTimeUtc(Context));
        Directory.CreateDirectory(Path.Combine(Contexts, ".half.partial", "releases"));

        await Create().ApplyAsync(_desired);

        Assert.That((Context, Directory.GetLastWriteTimeUtc(Context)), Is.EqualTo((before, written)));
        Assert.That(
            Directory.EnumerateFileSystemEntries(Contexts).Select(Path.GetFileName),
            Is.EquivalentTo(new[] { ".lock", "current", Path.GetFileName(before) }));
    }

    [TestCase("Dockerfile")]
    [TestCase("Program.cs")]
    [TestCase("sbom.cdx.json")]
    [TestCase("added.cs")]
    [TestCase("../current")]
    public async Task ObserveAsync_AChangedFile_IsNothingUntilItIsAppliedAgain(string file)
    {
        await Create().ApplyAsync(_desired);
        await File.AppendAllTextAsync(Path.Combine(Context, file), "// changed");

        Assert.That((await Create().ObserveAsync(Name)).Version, Is.Null);
        await Create().ApplyAsync(_desired);

        Assert.That((await Create().ObserveAsync(Name)).Version, Is.EqualTo(1));
        Assert.That(File.Exists(Path.Combine(Context, "added.cs")), Is.False);
    }

    [Test]
    public async Task ApplyAsync_AnotherVersion_KeepsTheContextBefore()
    {
        var contexts = new List<string>();
        for (var i = 0; i < 3; i++)
        {
            await Create().ApplyAsync(_desired with { PromotedAt = _desired.PromotedAt!.Value.AddMinutes(i) });
            contexts.Add(Context);
        }

        Assert.That(contexts, Is.Unique);
        Assert.That(Directory.EnumerateDirectories(Contexts), Is.EquivalentTo(contexts.Skip(1)));
        Assert.That(
            async () => await Create().ApplyAsync(_desired),
            Throws.InstanceOf<MlOpsException>().With.Message.Contains("later than"), "an older one does not come back");
        Assert.That(Context, Is.EqualTo(contexts[^1]));
    }

    [Test]
    public async Task ApplyAsync_ModelOfAPlugin_SaysWhichReaderTheProgramWouldNeed()
    {
        await using var origin = await TemporaryWorkspace.OpenAsync(options =>
        {
            options.Signer = _signer;
            options.Readers.Add<IRowModel>(RateByPlanModel.Format, RateByPlanModel.Read);
        });
        await origin.Workspace.Models.ImportAsync(
            "subscribers",
            (_, _) => ValueTask.FromResult<IRowModel>(new RateByPlanModel(
                new Field("plan", ColumnType.Text), new() { ["monthly"] = 0.8, ["yearly"] = 0.2 }, 0.5)),
            import => import
                .Problem(problem => problem.BinaryClassification("left", positive: "Yes"))
                .Judge(DataSources.Objects(Subscriber.Draw(400, seed: 5), "judge")));
        var desired = await origin.Workspace.Promoted.ReadPromotedAsync("subscribers", default);
        var target = new ContainerContextTarget(_folder.Path, origin.Workspace.Outgoing, TimeProvider.System);

        Assert.That(
            async () => await target.ApplyAsync(desired),
            Throws.TypeOf<MlOpsException>().With.Message.Contains($"'{RateByPlanModel.Format}' (IRowModel)")
                .And.Message.Contains("of the assembly 'MlOps.Sdk.Tests'").And.Message.Contains("FollowReleases"));
        Assert.That(Directory.EnumerateFileSystemEntries(_folder["subscribers"]).Select(Path.GetFileName), Is.EqualTo(new[] { ".lock" }));
        await new ContainerContextTarget(_folder["contexts"], origin.Workspace.Outgoing, TimeProvider.System).ApplyAsync(_desired);
        Assert.That(File.Exists(Path.Combine(Context, "Dockerfile")), "a model of the library goes on");
    }

    [Test]
    public async Task ApplyAsync_Project_CompilesAndPublishesNoFileThatSomebodyAdds()
    {
        await Create().ApplyAsync(_desired);
        string[] added = ["Stray.cs", "appsettings.json", "wwwroot/index.html", "releases/other/current.json", "Strings.resx"];
        foreach (var stray in added)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(Context, stray))!);
            await File.WriteAllTextAsync(Path.Combine(Context, stray), "#error this is compiled");
        }

        var output = await Dotnet.RunAsync(
            Context, "msbuild", "Server.csproj", "-getItem:Compile,Content,None,EmbeddedResource", "-p:DesignTimeBuild=true");

        using var json = JsonDocument.Parse(output[output.IndexOf('{', StringComparison.Ordinal)..]);
        string[] ItemsOf(string type) =>
        [
            .. json.RootElement.GetProperty("Items").GetProperty(type).EnumerateArray()
                .Select(item => item.GetProperty("Identity").GetString()!),
        ];
        var release = ReleaseFolder.Find(Path.Combine(Context, "releases"), Name)!.ReadCurrent()!.File;
        Assert.Multiple(() =>
        {
            Assert.That(ItemsOf("Compile").Where(item => !Path.IsPathRooted(item)), Is.EqualTo(new[] { "Program.cs" }));
            Assert.That(ItemsOf("Content"), Is.Empty);
            Assert.That(ItemsOf("EmbeddedResource"), Is.Empty);
            Assert.That(
                ItemsOf("None"),
                Is.EquivalentTo(new[] { "public-key.pem", $"releases/{Name}/current.json", $"releases/{Name}/{release}" }));
        });
    }

    [Test]
    public async Task ApplyAsync_Versions_AreThoseOfTheBillOfMaterials()
    {
        await Create().ApplyAsync(_desired);

        using var bill = JsonDocument.Parse(await File.ReadAllBytesAsync(Path.Combine(Context, "sbom.cdx.json")));
        var listed = bill.RootElement.GetProperty("components").EnumerateArray()
            .Where(component => component.GetProperty("type").GetString() == "library")
            .Select(component => (component.GetProperty("name").GetString(), component.GetProperty("version").GetString()));
        var pinned = XDocument.Load(Path.Combine(Context, "Directory.Packages.props")).Descendants("PackageVersion")
            .Select(item => (item.Attribute("Include")?.Value, item.Attribute("Version")?.Value)).ToArray();
        Assert.That(pinned, Has.Length.GreaterThan(10).And.EquivalentTo(listed));
    }

    [Test]
    public async Task ApplyAsync_FolderOfPackages_BuildsTheProgramFromThem()
    {
        WritePackages("feed");

        await Create(_folder["feed"]).ApplyAsync(_desired);

        var names = ServerPackages.Own.Select(name => $"{name}.{ContainerProgram.LibraryVersion}.nupkg").ToArray();
        Assert.That(
            Directory.GetFiles(Path.Combine(Context, "packages")).Select(Path.GetFileName), Is.EquivalentTo(names));
        Assert.That(
            await File.ReadAllLinesAsync(Path.Combine(Context, "Dockerfile")),
            Has.Member($"COPY {string.Concat(names.Select(name => $"packages/{name} "))}packages/"));
        Assert.That(
            await File.ReadAllTextAsync(Path.Combine(Context, "Server.csproj")),
            Does.Contain("<RestoreAdditionalProjectSources>$(MSBuildProjectDirectory)/packages</RestoreAdditionalProjectSources>"));
        Assert.That((await Create(_folder["feed"]).ObserveAsync(Name)).Version, Is.EqualTo(1));
        _folder.Write($"feed/{names[0]}", "made again");
        Assert.That((await Create(_folder["feed"]).ObserveAsync(Name)).Version, Is.Null, "it would be built from another package");
    }

    [Test]
    public void ApplyAsync_FolderThatLacksAPackage_SaysWhich()
    {
        WritePackages("feed");
        var lost = $"MlOps.Sdk.AspNetCore.{ContainerProgram.LibraryVersion}.nupkg";
        File.Delete(Path.Combine(_folder["feed"], lost));

        Assert.That(
            async () => await Create(_folder["feed"]).ApplyAsync(_desired),
            Throws.InstanceOf<MlOpsException>().With.Message.Contains($"has no file '{lost}'").And.Message.Contains("dotnet pack"));
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task ApplyAsync_ApplicationRestoredFromAFolder_BringsItsPackagesAlong(bool isWhole)
    {
        WritePackages("feed");
        if (!isWhole) File.Delete(Path.Combine(_folder["feed"], $"MlOps.Sdk.AspNetCore.{ContainerProgram.LibraryVersion}.nupkg"));
        var cached = Path.Combine("cache", "mlops.sdk.core", ContainerProgram.LibraryVersion);
        Directory.CreateDirectory(_folder[cached]);
        _folder.Write(
            Path.Combine(cached, ".nupkg.metadata"),
            JsonSerializer.Serialize(new { version = 2, contentHash = "…", source = _folder["feed"] }));

        await Create().ApplyAsync(_desired);

        Assert.That(Directory.Exists(Path.Combine(Context, "packages")), Is.EqualTo(isWhole));
    }

    [Test]
    public void ApplyAsync_FolderThatCannotBeWritten_IsCalledWhatItIs()
    {
        _folder.Write("contexts", "a file");

        Assert.That(
            async () => await Create().ApplyAsync(_desired),
            Throws.InstanceOf<MlOpsException>()
                .With.Message.Contains("The folder of the container contexts of 'sample' cannot be written"));
    }

    [Test]
    public async Task ApplyAsync_Dockerfile_CopiesNamedFilesAlone()
    {
        await Create().ApplyAsync(_desired);

        var copied = (await File.ReadAllLinesAsync(Path.Combine(Context, "Dockerfile")))
            .Where(line => line.StartsWith("COPY ", StringComparison.Ordinal) && !line.Contains("--from", StringComparison.Ordinal));

        Assert.That(copied, Is.EqualTo(new[]
        {
            "COPY Server.csproj Directory.Packages.props ./", "COPY Program.cs public-key.pem ./",
            $"COPY releases/{Name}/ releases/{Name}/",
        }));
    }

    [Test]
    public void ApplyAsync_NobodySigns_IsRejectedAndLeavesNothing()
    {
        var target = new ContainerContextTarget(
            _folder["contexts"], new OutgoingReleases(null, _origin.Workspace.Readers), TimeProvider.System);

        Assert.That(
            async () => await target.ApplyAsync(_desired),
            Throws.InstanceOf<MlOpsException>().With.Message.Contains("nobody signs"));
        Assert.That(Directory.EnumerateFileSystemEntries(Contexts).Select(Path.GetFileName), Is.EqualTo(new[] { ".lock" }));
    }

    private string ReleasePath => Directory.GetFiles(Path.Combine(Context, "releases", Name), "*.mlops").Single();

    private static (string? Algorithm, string? Value) HashOf(JsonElement component)
    {
        var hash = component.GetProperty("hashes")[0];
        return (hash.GetProperty("alg").GetString(), hash.GetProperty("content").GetString());
    }

    private void WritePackages(string folder)
    {
        Directory.CreateDirectory(_folder[folder]);
        foreach (var name in ServerPackages.Own) _folder.Write($"{folder}/{name}.{ContainerProgram.LibraryVersion}.nupkg", name);
    }

    private ContainerContextTarget Create(string? packages = null) => new(
        _folder["contexts"],
        new OutgoingReleases(_signer, _origin.Workspace.Readers),
        TimeProvider.System,
        packages,
        new NuGetCache(_folder["cache"]));
}
