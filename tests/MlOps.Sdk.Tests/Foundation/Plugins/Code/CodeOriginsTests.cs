using MlOps.Sdk.Plugins;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Plugins;

[TestFixture]
public sealed class CodeOriginsTests
{
    [Test]
    public void Of_AssembliesOfThisProcess_TellsWhoseTheyAre() => Assert.Multiple(() =>
    {
        Assert.That(CodeOrigins.Of(typeof(string)), Is.EqualTo(CodeOrigin.Framework));
        Assert.That(CodeOrigins.Of(typeof(Enumerable)), Is.EqualTo(CodeOrigin.Framework));
        Assert.That(CodeOrigins.Of(typeof(Microsoft.Extensions.Logging.ILogger)), Is.EqualTo(CodeOrigin.Framework));
        Assert.That(CodeOrigins.Of(typeof(Workspace)), Is.EqualTo(CodeOrigin.Library));
        Assert.That(CodeOrigins.Of(typeof(MlOps.Sdk.Testing.TrainerContract)), Is.EqualTo(CodeOrigin.Library));
        Assert.That(CodeOrigins.Of(typeof(MathNet.Numerics.SpecialFunctions)), Is.EqualTo(CodeOrigin.Package));
        Assert.That(CodeOrigins.Of(typeof(TestFixtureAttribute)), Is.EqualTo(CodeOrigin.Package));
        Assert.That(CodeOrigins.Of(typeof(CodeOriginsTests)), Is.EqualTo(CodeOrigin.User));
    });

    [TestCase("1.4.7", "1.4")]
    [TestCase("1.4.7+3f2a", "1.4")]
    [TestCase("1.4.0-preview.2+3f2a", "1.4.0-preview.2")]
    public void VersionOf_MarkedAssembly_IsTheMinorVersionOrAPreview(string version, string expected)
    {
        using var app = BuiltApp.Build($$"""
            [assembly: System.Reflection.AssemblyMetadata("MlOps.Sdk.CodeIdentity", "version")]
            [assembly: System.Reflection.AssemblyVersion("{{version.Split('-', '+')[0]}}")]
            [assembly: System.Reflection.AssemblyInformationalVersion("{{version}}")]
            public static class App { public static object Root() => (Func<int>)(() => 41); }
            """);

        Assert.Multiple(() =>
        {
            Assert.That(CodeOrigins.Of(app.Assembly), Is.EqualTo(CodeOrigin.Library));
            Assert.That(CodeOrigins.VersionOf(app.Assembly), Is.EqualTo(expected));
            Assert.That(app.Reach.Packages, Is.EqualTo(new[] { ("App", expected) }));
        });
    }
}
