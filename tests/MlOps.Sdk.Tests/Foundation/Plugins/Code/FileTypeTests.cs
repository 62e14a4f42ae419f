using MlOps.Sdk.Plugins;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Plugins;

/// <summary>Types that only a file knows are code of the user, although the compiler chooses how their names begin.</summary>
[TestFixture]
public sealed class FileTypeTests
{
    [TestCase(
        "x => Use.Go<Times>(x)",
        "public interface IScale { static abstract double Scale(double x); } " +
        "static class Use { public static double Go<T>(double x) where T : IScale => T.Scale(x); } " +
        "file struct Times : IScale { public static double Scale(double x) => x * 41; }",
        TestName = "static member of a contract")]
    [TestCase(
        "x => Use.Go(x)",
        "file interface IScale { static abstract double Scale(double x); } " +
        "file static class Use { public static double Go(double x) => Go<Times>(x); " +
        "static double Go<T>(double x) where T : IScale => T.Scale(x); } " +
        "file struct Times : IScale { static double IScale.Scale(double x) => x * 41; }",
        TestName = "explicit member of a contract of the file")]
    [TestCase(
        "x => System.Text.Json.JsonSerializer.Serialize(new Quote())",
        "file class Quote { [System.Text.Json.Serialization.JsonPropertyName(\"41\")] public double Price { get; set; } " +
        "public Quote? Other(Quote[] more) => null; }",
        TestName = "attribute")]
    [TestCase("x => typeof(Quote41).Name.Length", "file class Quote41;", TestName = "name")]
    [TestCase(
        "x => new Quote.Inner().Get()",
        "file class Quote { public class Inner { public double Get() => 41; } }", TestName = "inner type")]
    [TestCase("x => Rule.Find(\"a\", x)", """
        file static class Rule
        {
            public static double Find<T>(T key, double x) => new[] { x }.Select(y => y * 41).Sum() + new { Key = key }.GetHashCode();
        }
        """, TestName = "lambda")]
    public void OfMethod_CodeOfAFileChanges_GivesAnother(string lambda, string members)
    {
        var source = BuiltApp.Source(lambda, members);
        var before = BuiltApp.ReachOf(source);

        Assert.Multiple(() =>
        {
            Assert.That((before.Forced, before.Opaque), Is.EqualTo(((string?)null, (string?)null)));
            Assert.That(
                BuiltApp.ReachOf(source.Replace("41", "42", StringComparison.Ordinal)).Digest, Is.Not.EqualTo(before.Digest));
            Assert.That(BuiltApp.ReachOf(source, path: "moved/Renamed.cs").Digest, Is.EqualTo(before.Digest));
            Assert.That(BuiltApp.ReachOf("file class Early { Func<int> f = () => 4; }" + source).Digest, Is.EqualTo(before.Digest));
        });
    }

    [Test]
    public void OfObject_PluginOfAFile_CountsItsConstructor()
    {
        const string Source = "public static class App { public static object Root() => new Step(); } " +
            "file class Step { readonly double _made; public Step() => _made = 41; public override string ToString() => $\"{_made}\"; }";
        var before = BuiltApp.ReachOf(Source);

        Assert.Multiple(() =>
        {
            Assert.That(before.Name, Is.EqualTo("Step"));
            Assert.That(
                BuiltApp.ReachOf(Source.Replace("41", "42", StringComparison.Ordinal)).Digest, Is.Not.EqualTo(before.Digest));
            Assert.That(BuiltApp.ReachOf(Source, path: "moved/Renamed.cs").Digest, Is.EqualTo(before.Digest));
        });
    }

    // The generator of regular expressions numbers its types over the whole project.
    [Test]
    public void OfMethod_TypeOfAFileThatAToolMade_CountsWithoutItsName()
    {
        var source = BuiltApp.Source(
            "x => new Made_41().Get()",
            "[System.CodeDom.Compiler.GeneratedCode(\"tool\", \"1\")] file class Made_41 { public double Get() => 3; }");

        Assert.That(
            BuiltApp.ReachOf(source.Replace("41", "42", StringComparison.Ordinal)).Digest, Is.EqualTo(BuiltApp.ReachOf(source).Digest));
    }

    [Test]
    public void Written_TypeOfAFile_HasItsNameAlone()
    {
        using var app = BuiltApp.Build("public static class App { public static object Root() => new Step(); } file class Step;");

        Assert.That(CodeNames.Written(app.Root.GetType()), Is.EqualTo("[App].Step"));
    }
}
