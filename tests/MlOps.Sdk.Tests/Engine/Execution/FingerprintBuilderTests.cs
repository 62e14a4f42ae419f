using MlOps.Sdk.Execution;
using MlOps.Sdk.Tests.Plugins;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Execution;

[TestFixture]
public sealed class FingerprintBuilderTests
{
    [Test]
    public void AddObject_DelegateOfTheApplication_HasAPartThatNamesIt()
    {
        var before = Describe("x => x + 41");
        var after = Describe("x => x + 42");

        Assert.Multiple(() =>
        {
            Assert.That(Changed(before, after), Is.EqualTo(new[] { "code of step 1 (lambda in App.Root)" }));
            Assert.That(after.Explain("code of step 1 (lambda in App.Root)"), Is.EqualTo("code of step 1 (lambda in App.Root)"));
            Assert.That(Describe("x => x + 41", "class Unrelated;").Compute(), Is.EqualTo(before.Compute()));
        });
    }

    [Test]
    public void AddObject_OpenCall_ExplainsWhichOne()
    {
        const string Members = "interface IRates { double Get(); } class Rates : IRates { public double Get() => 2; }";
        var before = Describe("x => ((IRates)new Rates()).Get()", Members);
        var after = Describe("x => ((IRates)new Rates()).Get()", Members + "class Unrelated;");

        Assert.That(
            Changed(before, after).Select(after.Explain),
            Is.EqualTo(new[]
            {
                "code of step 1 (lambda in App.Root) with its whole module, " +
                    "because lambda in App.Root calls IRates.Get through an interface",
            }));
    }

    [TestCase("public static int Rate = 41;", "41", "42")]
    [TestCase("public static readonly string[] Rate = [\"a\", \"old\"];", "old", "new")]
    [TestCase("public static Dictionary<string, Rates> Rate { get; } = new() { [\"a\"] = new Rates(41) };", "41", "42")]
    [TestCase("public static readonly Rates Rate = new Rates(41);", "41", "42")]
    [TestCase("public static readonly object Rate = 41;", "41", "41L")]
    [TestCase("public static readonly object Rate = new[,] { { 1, 2, 3, 4 } };", "2, 3", "2 }, { 3")]
    [TestCase("public static readonly IEnumerable<int> Rate = new List<int>([1]);", "new List", "new LinkedList")]
    [TestCase(
        "public static readonly Dictionary<string, int> Rate = new() { [\"a\"] = 1, [\"ab\"] = 5 };",
        "[\"a\"] = 1, [\"ab\"] = 5", "[\"ab\"] = 5, [\"a\"] = 1")]
    public void AddObject_CodeReadsAStaticField_CountsItsValue(string field, string old, string changed)
    {
        var members = $"static class A {{ {field} }} record Rates(int Value);";
        var before = Describe("x => A.Rate", members);
        var after = Describe("x => A.Rate", members.Replace(old, changed, StringComparison.Ordinal));

        Assert.Multiple(() =>
        {
            Assert.That(before.Opaque, Is.Null);
            Assert.That(Changed(before, after), Is.EqualTo(new[] { "static A.Rate" }));
        });
    }

    [TestCase("public static readonly Lazy<int> Rate = new(() => 41);")]
    [TestCase("public static readonly Func<double, double> Rate = x => x * 41;")]
    [TestCase("public static Func<double, double> Rate { get; set; } = Twice; static double Twice(double x) => x * 41;")]
    public void AddObject_CodeReadsAStaticFieldThatHoldsCode_CountsTheCode(string field)
    {
        var members = $"static class A {{ {field} }}";
        var before = Describe("x => A.Rate", members);

        Assert.Multiple(() =>
        {
            Assert.That(before.Opaque, Is.Null);
            Assert.That(
                Describe("x => A.Rate", members.Replace("41", "42", StringComparison.Ordinal)).Compute(), Is.Not.EqualTo(before.Compute()));
            Assert.That(Describe("x => A.Rate", members + "class Unrelated;").Compute(), Is.EqualTo(before.Compute()));
        });
    }

    // What the code first makes is not what Main may make of it.
    [TestCase(
        "public static readonly System.Text.Json.JsonSerializerOptions Rate = new();", "Rate.Converters.Add(new Text())",
        "class Text : System.Text.Json.Serialization.JsonConverter<int> { " +
        "public override int Read(ref System.Text.Json.Utf8JsonReader r, Type t, System.Text.Json.JsonSerializerOptions o) => 41; " +
        "public override void Write(System.Text.Json.Utf8JsonWriter w, int v, System.Text.Json.JsonSerializerOptions o) { } }")]
    [TestCase(
        "public static readonly System.Text.Json.JsonSerializerOptions Rate = new();",
        "Rate.TypeInfoResolver = new System.Text.Json.Serialization.Metadata.DefaultJsonTypeInfoResolver { Modifiers = { t => { } } }")]
    [TestCase(
        "public static readonly System.Text.Json.JsonSerializerOptions Rate = new();",
        "Rate.PropertyNamingPolicy = System.Text.Json.JsonNamingPolicy.CamelCase")]
    [TestCase("public static readonly System.Globalization.NumberFormatInfo Rate = new();", "Rate.NumberDecimalSeparator = \",\"")]
    [TestCase(
        "public static readonly object Rate = System.Globalization.CultureInfo.InvariantCulture.Clone();",
        "((System.Globalization.CultureInfo)Rate).NumberFormat.PercentSymbol = \"p\"")]
    [TestCase("static double X; public static readonly Lazy<double> Rate = new(() => X);", "X = 2; _ = Rate.Value")]
    [TestCase("static double X = double.Parse(\"1\"); public static object Rate { get; set; } = X;", "Rate = 2.0")]
    public void AddObject_StaticFieldIsChangedAtTheStart_CountsItsValue(string field, string start, string members = "")
    {
        using var app = BuiltApp.Build(BuiltApp.Source(
            "x => A.Rate", $"public static class A {{ {field} public static void Start() {{ {start}; }} }} {members}"));
        var before = new FingerprintBuilder().AddObject("step 1", app.Root);
        app.Assembly.GetType("A")!.GetMethod("Start")!.Invoke(null, null);
        var after = new FingerprintBuilder().AddObject("step 1", app.Root);

        Assert.Multiple(() =>
        {
            Assert.That((before.Opaque, after.Opaque), Is.EqualTo(((string?)null, (string?)null)));
            Assert.That(Changed(before, after), Does.Contain("static A.Rate"));
        });
    }

    // It is made by code that is read, whose inputs count: but not where each construction of a generic type may have taken another.
    [TestCase("static readonly double X = B.Rate; public static double Get() => X;", true)]
    [TestCase("static readonly double X = B.Find(); public static double Get() => X;", true)]
    [TestCase("static readonly Lazy<double> X = new(() => B.Rate); public static double Get() => X.Value;", true)]
    [TestCase("static readonly object X = B.Rate; public static double Get() => (double)X;", true)]
    [TestCase("static readonly double X = 41; public static double Get() => X;", false)]
    [TestCase("static readonly string X = typeof(T).Name + \"a\"; public static double Get() => X.Length;", false)]
    [TestCase("static readonly List<T> E = []; static readonly double X = 41; public static double Get() => X;", false)]
    public void AddObject_CodeReadsAFieldOfAGenericType_IsReusedIfItIsConstant(string members, bool isOpaque) => Assert.That(
        Describe(
            "x => A<int>.Get()",
            $"static class A<T> {{ {members} }} static class B {{ public static double Rate = 1; public static double Find() => Rate; }}")
            .Opaque,
        isOpaque
            ? Is.EqualTo("step 1 reads the static field A.X, which every construction of its generic type has for itself")
            : Is.Null);

    // The class that the SDK generates keeps a manager once it was asked for.
    [TestCase(
        "static System.Resources.ResourceManager? M; " +
        "static System.Resources.ResourceManager Get() => M ??= new(\"a\", typeof(A).Assembly);")]
    [TestCase("static readonly System.Resources.ResourceManager M = new(\"a\", typeof(A).Assembly); static object Get() => M;")]
    public void AddObject_ResourcesOfTheApplicationWereRead_StaysTheSame(string members)
    {
        var source = BuiltApp.Source(
            "x => A.Rate", $"public static class A {{ public static object Rate => Get(); {members} " +
            "public static void Any(bool ignore) => ((System.Resources.ResourceManager)Rate).IgnoreCase = ignore; }");
        using var folder = new TempFolder();
        using var app = BuiltApp.Build(source, folder: folder.Path);
        var before = new FingerprintBuilder().AddObject("step 1", app.Root);
        ((Func<double, object>)app.Root)(1);
        var after = new FingerprintBuilder().AddObject("step 1", app.Root);
        app.Assembly.GetType("A")!.GetMethod("Any")!.Invoke(null, [true]);
        var changed = new FingerprintBuilder().AddObject("step 1", app.Root);

        Assert.Multiple(() =>
        {
            Assert.That((before.Opaque, after.Opaque), Is.EqualTo(((string?)null, (string?)null)));
            Assert.That(after.Compute(), Is.EqualTo(before.Compute()));
            Assert.That(changed.Compute(), Is.Not.EqualTo(before.Compute()));
        });
    }

    // Whoever hands out the name decides which resources are read.
    [Test]
    public void AddObject_ResourcesThatACallerNamed_AreNeverReused()
    {
        using var app = BuiltApp.Build(BuiltApp.Source(
            "x => A.M!", "public static class A { static System.Resources.ResourceManager? _m; public static object? M => _m; " +
            "public static void Set() => Set(\"a\"); static void Set(string name) => _m = new(name, typeof(A).Assembly); }"));
        app.Assembly.GetType("A")!.GetMethod("Set", [])!.Invoke(null, null);

        Assert.That(new FingerprintBuilder().AddObject("step 1", app.Root).Opaque, Does.Contain("holds a ResourceManager"));
    }

    [Test]
    public void AddObject_CodeLocksAnObject_IsReused() => Assert.That(
        Describe("x => { lock (A.Gate) return x; }", "static class A { public static readonly object Gate = new(); }").Opaque, Is.Null);

    [TestCase(
        "public static readonly Random Rate = new();",
        "step 1 reads the static field A.Rate, which holds a Random, whose state cannot be described")]
    [TestCase("[ThreadStatic] public static int Rate;", "step 1 reads the static field A.Rate, which every thread has for itself")]
    [TestCase(
        "public static readonly int Rate = int.Parse(\"no number\");",
        "step 1 reads the static field A.Rate, whose type cannot be initialized: " +
        "The input string 'no number' was not in a correct format.")]
    public void AddObject_CodeReadsAStaticFieldThatCannotBeDescribed_IsNeverReused(string field, string reason) =>
        Assert.That(Describe("x => A.Rate", $"static class A {{ {field} }}").Opaque, Is.EqualTo(reason));

    // The implementation is not known to be the one that is called, but what it reads may decide.
    [Test]
    public void AddObject_OpenCallMayReadAStaticField_CountsItsValue()
    {
        const string Members = "interface IRates { double Get(); } class Rates : IRates { public double Get() => A.Rate; } " +
            "static class A { public static double Rate; public static IRates Find() => (IRates)Made(); " +
            "static object Made() => new Other(); } " +
            "class Other : IRates { public double Get() => 1; }";
        using var app = BuiltApp.Build(BuiltApp.Source("x => A.Find().Get()", Members));
        var before = new FingerprintBuilder().AddObject("step 1", app.Root);
        app.Assembly.GetType("A")!.GetField("Rate")!.SetValue(null, 2.5);

        Assert.That(Changed(before, new FingerprintBuilder().AddObject("step 1", app.Root)), Is.EqualTo(new[] { "static A.Rate" }));
    }

    [Test]
    public void AddObject_ApplicationUsesAPackage_HasAPartForItsVersion() => Assert.That(
        Describe("x => MathNet.Numerics.SpecialFunctions.Gamma(x)").Parts,
        Has.Some.Matches<(string Name, string Value)>(part =>
            part.Name == "package MathNet.Numerics"
                && part.Value.Contains($"{typeof(MathNet.Numerics.SpecialFunctions).Module.ModuleVersionId}", StringComparison.Ordinal)));

    [Test]
    public void Differences_PartThatIsNoMore_IsNotCalledChanged()
    {
        var before = new FingerprintBuilder().Add("rows", "1").Add("fast-tree", "x").Add("seed", "1");
        var after = new FingerprintBuilder().Add("rows", "2").Add("seed", "1").Add("budget", "5");

        Assert.That(after.Differences(before.Parts, "changed"), Is.EqualTo("changed: budget, rows; no longer: fast-tree"));
        Assert.That(
            new FingerprintBuilder().Add("rows", "1").Add("seed", "1").Differences(before.Parts, "changed"),
            Is.EqualTo("no longer: fast-tree"));
        Assert.That(before.Differences(before.Parts, "changed"), Is.Null);
    }

    private static string[] Changed(FingerprintBuilder before, FingerprintBuilder after) =>
        [.. after.Parts.Except(before.Parts).Select(part => part.Name)];

    private static FingerprintBuilder Describe(string lambda, string members = "")
    {
        using var app = BuiltApp.Build(BuiltApp.Source(lambda, members));
        return new FingerprintBuilder().AddObject("step 1", app.Root);
    }
}
