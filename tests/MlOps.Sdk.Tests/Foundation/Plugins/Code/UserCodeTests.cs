using System.Runtime.CompilerServices;
using MlOps.Sdk.Plugins;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Plugins;

[TestFixture]
public sealed class UserCodeTests
{
    private const string Plain = """
        public static partial class App
        {
            public static object Root()
            {
                return (Func<double, string>)(x => new[] { 1.0, x }.Where(y => y > 0).Select(y => new { Half = y / 2 }).Sum(z => z.Half) > 3
                    ? $"much: {Twice(x):R}" : "little");
            }

            static double Twice(double x)
            {
                return Inner(x) * 2;
                static double Inner(double y) => y switch { > 10 => 10, _ => y };
            }
        }
        """;

    [TestCase("static class Unrelated { public static int Three() => 3; }", "")]
    [TestCase("", "partial class App { static int Before(int a) => new[] { a }.Where(x => x > 1).Select(x => new { x }).Count(); }")]
    [TestCase("", "class Early { object o = new { Something = 1, Other = 2 }; Func<int> f = () => { int g() => 4; return g(); }; }")]
    [TestCase("partial class App { static readonly string[] Names = { \"a\" }; }", "")]
    public void OfMethod_UnrelatedCodeIsAdded_StaysTheSame(string after, string before)
    {
        var reach = BuiltApp.ReachOf(Plain);

        Assert.Multiple(() =>
        {
            Assert.That(reach.Forced, Is.Null);
            Assert.That(reach.Name, Is.EqualTo("lambda in App.Root"));
            Assert.That(BuiltApp.ReachOf(before + "\n" + Plain + after).Digest, Is.EqualTo(reach.Digest));
        });
    }

    [Test]
    public void OfMethod_AnotherLambdaAboveInTheSameMethod_StaysTheSame()
    {
        var changed = Plain.Replace(
            "return (Func", "var seven = 7; Func<int, int> other = a => a + seven; Func<int> more = () => other(2); more(); return (Func",
            StringComparison.Ordinal);

        Assert.That(BuiltApp.ReachOf(changed).Digest, Is.EqualTo(BuiltApp.ReachOf(Plain).Digest));
    }

    [Test]
    public void OfMethod_BuiltAgainOrFromAnotherFile_StaysTheSame()
    {
        using var first = BuiltApp.Build(Plain);
        using var second = BuiltApp.Build(Plain, path: "Moved/Renamed.cs");

        Assert.Multiple(() =>
        {
            Assert.That(second.Assembly.ManifestModule.ModuleVersionId, Is.Not.EqualTo(first.Assembly.ManifestModule.ModuleVersionId));
            Assert.That(second.Reach.Digest, Is.EqualTo(first.Reach.Digest));
        });
    }

    [Test]
    public void OfMethod_DebugAndRelease_Differ() =>
        Assert.That(BuiltApp.ReachOf(Plain, optimize: false).Digest, Is.Not.EqualTo(BuiltApp.ReachOf(Plain).Digest));

    [Test]
    public void OfMethod_SecondAssemblyChanges_GivesAnother()
    {
        const string Other = "public static class Rates { public static double Get(double x) => Inner(x) + 1; " +
            "static double Inner(double x) => x * 41; }";
        var source = BuiltApp.Source("x => Rates.Get(x)");
        var reach = BuiltApp.ReachOf(source, Other);

        Assert.Multiple(() =>
        {
            Assert.That(reach.Forced, Is.Null);
            Assert.That(BuiltApp.ReachOf(source, Other + "class More;").Digest, Is.EqualTo(reach.Digest));
            Assert.That(
                BuiltApp.ReachOf(source, Other.Replace("41", "42", StringComparison.Ordinal)).Digest, Is.Not.EqualTo(reach.Digest));
        });
    }

    [Test]
    public void OfMethod_UsesAPackage_NamesItWithItsVersion()
    {
        var reach = BuiltApp.ReachOfLambda("x => MathNet.Numerics.SpecialFunctions.Gamma(x)");

        Assert.Multiple(() =>
        {
            Assert.That(reach.Forced, Is.Null);
            Assert.That(reach.Packages.Select(package => package.Name), Is.EqualTo(new[] { "MathNet.Numerics" }));
            Assert.That(
                reach.Packages[0].Identity,
                Does.Contain(typeof(MathNet.Numerics.SpecialFunctions).Module.ModuleVersionId.ToString()));
        });
    }

    [Test]
    public void OfMethod_ReadsStaticFields_ListsThoseWhoseValueIsOpen()
    {
        var reach = BuiltApp.ReachOfLambda(
            "x => A.Set + A.Kept.Length + A.Named + A.Fixed.Value + A.Auto",
            "static class A { public static int Set = 3; public static readonly string[] Kept = [\"a\"]; " +
            "public const string Named = \"n\"; public static readonly Lazy<int> Fixed = new(() => 4); " +
            "public static int Auto { get; set; } public static int Unread; }");

        Assert.That(reach.Statics.Select(field => CodeNames.Of(field)), Is.EquivalentTo(new[] { "A.Set", "A.Kept", "A.Fixed", "A.Auto" }));
    }

    [TestCase(
        "static class A<T> { static int X; public static int Get() => X; }",
        "which every construction of its generic type has for itself")]
    [TestCase("static class A<T> { [ThreadStatic] static int X; public static int Get() => X; }", "which every thread has for itself")]
    public void OfMethod_ReadsAFieldThatHasNoSingleValue_IsOpaque(string members, string reason) =>
        Assert.That(BuiltApp.ReachOfLambda("x => A<int>.Get()", members).Opaque, Is.EqualTo($"reads the static field A.X, {reason}"));

    [Test]
    public void OfMethod_RowsOfAUser_CountWithAllTheirMembers()
    {
        const string Source = "public static class App { public static object Root() => (Func<Row, double>)(row => row.Age); } " +
            "public class Row { public double Age { get; set => field = value * 41; } }";

        Assert.That(
            BuiltApp.ReachOf(Source.Replace("41", "42", StringComparison.Ordinal)).Digest, Is.Not.EqualTo(BuiltApp.ReachOf(Source).Digest));
    }

    [TestCase("41", "42", true)]
    [TestCase("43", "44", true)]
    [TestCase("45", "46", true)]
    [TestCase("47", "48", true)]
    [TestCase("49", "50", false)]
    public void OfObject_Plugin_CountsWhatItsContractReaches(string old, string changed, bool isReached)
    {
        const string Source = """
            public static class App { public static object Root() => new Step(); }
            abstract class Shared : IComparer<int>
            {
                public abstract int Compare(int a, int b);
                protected int Add(int a) => a + 41;
                public override string ToString() => "43";
            }
            sealed class Step : Shared
            {
                readonly int _made;
                public Step() => _made = 45;
                public override int Compare(int a, int b) => Add(a) - b * 47 * _made;
                int Unused() => 49;
            }
            """;
        var before = BuiltApp.ReachOf(Source);
        var after = BuiltApp.ReachOf(Source.Replace(old, changed, StringComparison.Ordinal));

        Assert.Multiple(() =>
        {
            Assert.That(before.Name, Is.EqualTo("Step"));
            Assert.That(before.Forced, Is.Null);
            Assert.That(after.Digest, isReached ? Is.Not.EqualTo(before.Digest) : Is.EqualTo(before.Digest));
        });
    }

    [Test]
    public void OfObject_TypeOfThisLibrary_IsOfItsVersion()
    {
        var reach = UserCode.OfObject(typeof(MlOps.Sdk.Data.Schema));

        Assert.That((reach.Digest, reach.Forced, reach.Packages.Count), Is.EqualTo(((string?)null, (string?)null, 0)));
    }

    [Test]
    public void OfMethod_AssemblyIsUnloaded_IsNotKept()
    {
        var reference = Use();
        for (var i = 0; i < 20 && reference.IsAlive; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        Assert.That(reference.IsAlive, Is.False);

        [MethodImpl(MethodImplOptions.NoInlining)]
        static WeakReference Use()
        {
            using var app = BuiltApp.Build(Plain);
            Assert.That(app.Reach.Digest, Is.Not.Null);
            return new WeakReference(app.Assembly);
        }
    }

    [Test]
    public void OfMethod_ManyThreads_AgreeOnOne()
    {
        using var app = BuiltApp.Build(Plain);
        var root = (Delegate)app.Root;

        var reaches = Enumerable.Range(0, 16).AsParallel().WithDegreeOfParallelism(4).Select(_ => UserCode.OfMethod(root.Method)).ToArray();

        Assert.That(reaches, Has.All.SameAs(reaches[0]));
    }
}
