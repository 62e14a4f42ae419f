using System.Reflection;
using System.Xml.Linq;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Architecture;

[TestFixture]
public sealed class PublicApiTests
{
    private static readonly Assembly[] Packages =
    [
        typeof(MlOpsException).Assembly, typeof(ModelServingOptions).Assembly, Assembly.Load("MlOps.Sdk.Testing"),
    ];

    // The analyzer compares the code with these files, and is silent where they are missing.
    [Test]
    public void PublicApi_OfEveryPackageWithCode_IsRecorded()
    {
        var packages = Repository.Packages.Where(folder => Repository.SourceFiles(folder).Any());
        var missing = packages.SelectMany(folder => new[] { "PublicAPI.Shipped.txt", "PublicAPI.Unshipped.txt" }
            .Select(name => Path.Combine(folder, name)))
            .Where(file => !File.Exists(file))
            .Select(file => Path.GetRelativePath(Repository.Root, file));

        Assert.That(missing, Is.Empty);
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
