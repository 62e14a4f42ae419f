using System.Reflection;
using System.Xml.Linq;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Architecture;

[TestFixture]
public sealed class PublicApiTests
{
    private static readonly Assembly[] Packages = [typeof(MlOpsException).Assembly, Assembly.Load("MlOps.Sdk.Testing")];

    [TestCaseSource(nameof(Packages))]
    public void PublicApi_OfAPackage_EqualsItsCommittedBaseline(Assembly package)
    {
        var name = package.GetName().Name!;
        var baseline = Path.Combine(Repository.Root, "src", name, "PublicApi.txt");
        var actual = PublicApi.Of(package);
        if (Environment.GetEnvironmentVariable("MLOPS_ACCEPT_PUBLIC_API") == "1") File.WriteAllText(baseline, actual);

        var expected = File.ReadAllText(baseline).Split('\n');
        var lines = actual.Split('\n');
        Assert.That(
            lines.Except(expected).Select(line => "+ " + line).Concat(expected.Except(lines).Select(line => "- " + line)),
            Is.Empty,
            "The public API changed. Mean it? Run `MLOPS_ACCEPT_PUBLIC_API=1 dotnet test --filter PublicApi` and name " +
                "the change in CHANGELOG.md.");
    }

    [TestCaseSource(nameof(Packages))]
    public void PublicTypes_OfAPackage_AreDocumented(Assembly package)
    {
        var documented = XDocument.Load(Path.ChangeExtension(package.Location, ".xml"))
            .Descendants("member")
            .Where(member => member.Elements().Any())
            .Select(member => (string)member.Attribute("name")!)
            .ToHashSet();
        var missing = package
            .GetExportedTypes()
            .Select(type => "T:" + type.FullName!.Replace('+', '.'))
            .Where(type => !documented.Contains(type));

        Assert.That(missing, Is.Empty);
    }
}
