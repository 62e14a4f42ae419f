using MlOps.Sdk.Deployment;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Deployment;

/// <summary>What the folder of NuGet says of packages.</summary>
[TestFixture]
public sealed class NuGetCacheTests
{
    private readonly TempFolder _folder = new();

    [TearDown]
    public void DeleteFolder() => _folder.Dispose();

    [TestCase("""<license type="expression"> Apache-2.0 OR MIT </license>""", "Apache-2.0 OR MIT")]
    [TestCase("""<license type="file">LICENSE.txt</license>""", null)]
    [TestCase("<licenseUrl>https://example.com/license</licenseUrl>", null)]
    [TestCase("""<license type="expression"></license>""", null)]
    [TestCase("<license", null)]
    public void FindLicense_Nuspec_GivesExpressionsAlone(string license, string? expected)
    {
        WriteNuspec($"""
            <package xmlns="http://schemas.microsoft.com/packaging/2013/05/nuspec.xsd"><metadata><id>A.B</id>{license}</metadata></package>
            """);

        Assert.That(new NuGetCache(_folder.Path).FindLicense("A.B", "1.0.0-Beta"), Is.EqualTo(expected));
    }

    [Test]
    public void FindLicense_NuspecWithADefinitionOfEntities_GivesNone()
    {
        WriteNuspec("""<!DOCTYPE p [<!ENTITY e "MIT">]><p><license type="expression">&e;</license></p>""");

        Assert.That(new NuGetCache(_folder.Path).FindLicense("A.B", "1.0.0-Beta"), Is.Null);
        Assert.That(new NuGetCache(_folder.Path).FindLicense("C", "1.0.0"), Is.Null, "it is not there");
    }

    [TestCase("https://api.nuget.org/v3/index.json")]
    [TestCase("feed")]
    [TestCase("")]
    public void FindSourceFolder_SourceThatIsNoFolder_GivesNone(string source)
    {
        Directory.CreateDirectory(_folder["a.b/1.0.0"]);
        _folder.Write("a.b/1.0.0/.nupkg.metadata", $$"""{ "version": 2, "source": "{{source}}" }""");

        Assert.That(new NuGetCache(_folder.Path).FindSourceFolder("A.B", "1.0.0"), Is.Null);
    }

    private void WriteNuspec(string xml)
    {
        Directory.CreateDirectory(_folder["a.b/1.0.0-beta"]);
        _folder.Write("a.b/1.0.0-beta/a.b.nuspec", xml);
    }
}
