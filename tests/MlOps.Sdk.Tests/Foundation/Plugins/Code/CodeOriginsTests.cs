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

    // Packages of .NET are upgraded by the application, and what the runtime brings is not.
    [Test]
    public void IsDeployed_AssembliesOfDotNet_TellsPackagesFromTheRuntime() => Assert.Multiple(() =>
    {
        Assert.That(CodeOrigins.Of(Tensors), Is.EqualTo(CodeOrigin.Framework));
        Assert.That(CodeOrigins.IsDeployed(Tensors), Is.True);
        Assert.That(CodeOrigins.IsDeployed(typeof(string).Assembly), Is.False);
        Assert.That(CodeOrigins.IsDeployed(typeof(System.Text.Json.JsonSerializer).Assembly), Is.False);
        Assert.That(CodeOrigins.IsDeployed(typeof(MathNet.Numerics.SpecialFunctions).Assembly), Is.False);
    });

    [Test]
    public void OfMethod_UsesAPackageOfDotNet_NamesItWithItsVersion()
    {
        var reach = BuiltApp.ReachOfLambda("x => System.Numerics.Tensors.TensorPrimitives.Sum<double>([x])");

        Assert.Multiple(() =>
        {
            Assert.That(reach.Forced, Is.Null);
            Assert.That(
                reach.Packages,
                Is.EqualTo(new[] { (Tensors.GetName().Name!, $"{Tensors.GetName().Version} {Tensors.ManifestModule.ModuleVersionId}") }));
        });
    }

    private static System.Reflection.Assembly Tensors => System.Reflection.Assembly.Load("System.Numerics.Tensors");

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
