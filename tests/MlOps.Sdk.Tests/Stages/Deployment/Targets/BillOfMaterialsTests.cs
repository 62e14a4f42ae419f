using System.Text;
using System.Text.Json;
using MlOps.Sdk.Deployment;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Deployment;

/// <summary>The bill of materials, by the official schema and by what the schema cannot say.</summary>
[TestFixture]
public sealed class BillOfMaterialsTests
{
    private static readonly Release _release = new()
    {
        Format = Release.CurrentFormat,
        Endpoint = "customer-churn.v2_a",
        Version = 7,
        ContentHash = new string('a', 64),
        PromotedAt = new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero).AddTicks(1),
        BlessedBy = "ann",
        BlessedAt = new DateTimeOffset(2026, 3, 1, 0, 0, 0, TimeSpan.Zero),
    };

    private static byte[] Bill => BillOfMaterials.Write(_release, new string('b', 64), ServerPackages.OfThisApplication());

    [Test]
    public void Write_PackagesOfThisApplication_FollowsTheSchema() => Assert.That(CycloneDxSchema.FindMistakes(Bill), Is.Empty);

    [Test]
    public void Write_VersionWithMetadataAndUnknownHash_FollowsTheSchema()
    {
        ServerPackage[] packages =
        [
            new("MlOps.Sdk", "1.0.0-beta.1+5 é", ContentHash: null, ["MlOps.Sdk.AspNetCore"]),
            new("MlOps.Sdk.AspNetCore", "1.0.0", "hash", []),
        ];

        var bill = BillOfMaterials.Write(_release, new string('b', 64), packages);

        Assert.That(CycloneDxSchema.FindMistakes(bill), Is.Empty);
        Assert.That(Encoding.UTF8.GetString(bill), Does.Contain("\"pkg:nuget/MlOps.Sdk@1.0.0-beta.1%2B5%20%C3%A9\""));
    }

    // Else the tests above could not fail.
    [TestCase("\"incomplete\"", "\"partly\"", "/compositions/0/aggregate")]
    [TestCase("\"MIT\"", "\"MITT\"", "/license")]
    [TestCase("\"SHA-256\"", "\"SHA256\"", "/hashes/0/alg")]
    [TestCase("urn:uuid:", "urn:id:", "/serialNumber")]
    [TestCase("\"dependsOn\"", "\"needs\"", "/dependencies")]
    public void FindMistakes_BillThatIsWrong_SaysWhere(string text, string instead, string where)
    {
        var wrong = Encoding.UTF8.GetString(Bill).Replace(text, instead, StringComparison.Ordinal);

        Assert.That(CycloneDxSchema.FindMistakes(Encoding.UTF8.GetBytes(wrong)), Has.Some.Contains(where));
    }

    [Test]
    public void Write_References_AreUniqueKnownAndReachedFromTheProgram()
    {
        using var bill = JsonDocument.Parse(Bill);
        var components = bill.RootElement.GetProperty("components").EnumerateArray().ToArray();
        string[] references = [.. components.Select(component => component.GetProperty("bom-ref").GetString()!), "server"];
        var needs = bill.RootElement.GetProperty("dependencies").EnumerateArray().ToDictionary(
            dependency => dependency.GetProperty("ref").GetString()!,
            dependency => dependency.GetProperty("dependsOn").EnumerateArray().Select(on => on.GetString()!).ToArray());

        var reached = new HashSet<string>();
        var waiting = new Queue<string>(["server"]);
        while (waiting.TryDequeue(out var next))
        {
            if (reached.Add(next)) foreach (var on in needs[next]) waiting.Enqueue(on);
        }

        Assert.That(references, Is.Unique);
        Assert.That(needs.Keys, Is.EquivalentTo(references));
        Assert.That(reached, Is.EquivalentTo(references), "what nobody needs is no part of the program");
        Assert.That(needs.Values, Is.All.Unique);
    }

    // The type of a package, its name and its version, the last two percent-encoded: https://github.com/package-url/purl-spec.
    [Test]
    public void Write_PackageUrls_HaveTheSyntaxOfPurl()
    {
        using var bill = JsonDocument.Parse(Bill);
        var packages = bill.RootElement.GetProperty("components").EnumerateArray()
            .Where(component => component.GetProperty("type").GetString() == "library").ToArray();

        Assert.That(packages, Has.Length.GreaterThan(10));
        foreach (var package in packages)
        {
            var url = package.GetProperty("purl").GetString();
            Assert.That(url, Does.Match("^pkg:nuget/(?:[A-Za-z0-9._~-]|%[0-9A-F]{2})+@(?:[A-Za-z0-9._~-]|%[0-9A-F]{2})+$"));
            Assert.That(
                Uri.UnescapeDataString(url!["pkg:nuget/".Length..]),
                Is.EqualTo($"{package.GetProperty("name").GetString()}@{package.GetProperty("version").GetString()}"));
        }
    }
}
