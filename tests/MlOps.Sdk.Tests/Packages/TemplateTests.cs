using System.Net.Http.Json;
using System.Text.Json;
using System.Xml.Linq;
using MlOps.Sdk.Tests.Architecture;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Packages;

/// <summary>The templates of <c>dotnet new</c>, from their package: installed apart from those of the machine, built and run.</summary>
[TestFixture]
[NonParallelizable] // They share a folder of packages, and each keeps the machine busy.
public sealed class TemplateTests
{
    private static readonly string s_templates = Path.Combine(Repository.Root, "src", "MlOps.Sdk.Templates");

    // Those who make a project from a template, and the repository, test with the same versions.
    [Test]
    public void Projects_TheirThirdPartyPackages_AreOfTheVersionsOfTheRepository()
    {
        var versions = XDocument.Load(Path.Combine(Repository.Root, "Directory.Packages.props"))
            .Descendants("PackageVersion")
            .ToDictionary(package => (string)package.Attribute("Include")!, package => (string)package.Attribute("Version")!);
        var named = Directory.EnumerateDirectories(s_templates, "mlops-*")
            .SelectMany(template => Directory.EnumerateFiles(template, "*.csproj", SearchOption.AllDirectories))
            .SelectMany(project => XDocument.Load(project).Descendants("PackageReference"))
            .Select(package => (Name: (string)package.Attribute("Include")!, Version: (string)package.Attribute("Version")!))
            .ToArray();

        Assert.That(named, Is.Not.Empty);
        Assert.That(
            named.Where(package => package.Version
                != (package.Name.StartsWith("MlOps.Sdk", StringComparison.Ordinal) ? "MLOPS_VERSION" : versions[package.Name])),
            Is.Empty);
    }

    [LongForm]
    [TestCase("source", "FixedWidthSource")]
    [TestCase("transform", "RobustScale")]
    [TestCase("trainer", "GaussianNaiveBayes")]
    [TestCase("target", "ModelServerTarget")]
    [TestCase("monitor", "MedianShift")]
    public async Task Extension_OfAKind_BuildsAndPassesItsContract(string kind, string plugin)
    {
        var folder = await InstantiateAsync("mlops-extension", $"acme-{kind}", "--kind", kind);
        var library = Path.Combine(folder, $"acme-{kind}");
        var code = await File.ReadAllTextAsync(Path.Combine(library, $"{plugin}.cs"));

        var output = await Dotnet.RunAsync(folder, "test");

        // Tests are skipped of what a target cannot have changed behind its back, and of a source without a limit of time.
        Assert.That(output, Does.Match("Failed: +0, Passed: +[0-9]+, Skipped: +[0-2]").And.Not.Contain("warning"));
        Assert.That(code, Does.Contain($"namespace acme_{kind};").And.Not.Contain("CustomExtension").IgnoreCase);
        Assert.That(
            Directory.EnumerateFiles(library, "*.cs").Select(Path.GetFileNameWithoutExtension),
            Has.All.StartsWith(plugin == "FixedWidthSource" ? "FixedWidth" : plugin),
            "one plug-in, and no other");
    }

    [LongForm]
    [Test]
    public async Task Extension_NameThatXmlEscapes_HasProjectsThatCanBeRead()
    {
        var folder = await InstantiateAsync("mlops-extension", "R&D");

        var projects = Directory.EnumerateFiles(folder, "*.csproj", SearchOption.AllDirectories)
            .Append(Path.Combine(folder, "R&D.slnx"))
            .Select(XDocument.Load)
            .ToArray();

        Assert.That(projects, Has.Length.EqualTo(3));
        Assert.That(
            projects.SelectMany(project => project.Descendants("ProjectReference")).Select(one => (string)one.Attribute("Include")!),
            Is.EqualTo(new[] { "../R&D/R&D.csproj" }));
    }

    [LongForm]
    [Test]
    public async Task Lifecycle_InAConsole_TrainsAndPredicts()
    {
        var folder = await InstantiateAsync("mlops-lifecycle", "Acme.Console");

        var output = await Dotnet.RunAsync(folder, "run");

        Assert.That(output, Does.Contain("(version 1)").And.Not.Contain("warning"));
    }

    [LongForm]
    [Test]
    public async Task Lifecycle_InAWebApplication_TrainsAnswersAndTakesLabels()
    {
        var folder = await InstantiateAsync("mlops-lifecycle", "Acme.Web", "--host", "web");
        Assert.That(await Dotnet.RunAsync(folder, "build", "-nologo"), Does.Contain("0 Warning(s)"));

        await using var web = await WebProcess.StartAsync(folder, Path.Combine(folder, "bin", "Debug", "net10.0", "Acme.Web.dll"));
        await web.WaitForAsync("health/ready");
        using var response = await web.Client.PostAsJsonAsync(
            "predictions", new { tenure = 2, monthlyCharges = 95.5, contract = "Month-to-month", internetService = "Fiber optic" });
        var answer = await response.Content.ReadFromJsonAsync<JsonElement>();
        using var labelled = await web.Client.PostAsJsonAsync(
            "labels", new Dictionary<string, string> { [answer.GetProperty("id").GetString()!] = "Yes" });
        var receipt = await labelled.Content.ReadFromJsonAsync<JsonElement>();

        Assert.That(answer.GetProperty("value").GetProperty("probability").GetDouble(), Is.InRange(0.5, 1));
        Assert.That(receipt.GetProperty("added").GetInt32(), Is.EqualTo(1));
    }

    private static async Task<string> InstantiateAsync(string template, string name, params string[] options)
    {
        var hive = PackedPackages.PathOf("hive");
        if (!Directory.Exists(hive))
        {
            await Dotnet.RunAsync(
                PackedPackages.PathOf(""),
                "new",
                "install",
                Path.Combine(PackedPackages.Feed, $"MlOps.Sdk.Templates.{PackedPackages.Version}.nupkg"),
                "--debug:custom-hive",
                hive);
        }

        await Dotnet.RunAsync(PackedPackages.PathOf(""), ["new", template, "-n", name, .. options, "--debug:custom-hive", hive]);
        return PackedPackages.PathOf(name);
    }
}
