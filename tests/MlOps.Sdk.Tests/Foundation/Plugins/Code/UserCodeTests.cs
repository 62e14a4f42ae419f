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

    // Each lambda reaches the text or the number that the second build changes.
    [TestCase("x => x + 41", "41", "42")]
    [TestCase("x => \"old\"", "old", "new")]
    [TestCase("x => A.Go(x)", "41", "42", "static class A { public static double Go(double x) => B.Go(x); } static class B { public static double Go(double x) => x + 41; }")]
    [TestCase("x => new[] { 1 }.Select(a => new[] { 2 }.Select(b => b + 41).Sum()).Sum()", "41", "42")]
    [TestCase("x => A.Go(x).Result", "41", "42", "static class A { public static async Task<double> Go(double x) { await Task.Yield(); return x + 41; } }")]
    [TestCase("x => A.Go(x).Result", "41", "42", "static class A { public static Task<double> Go(double x) { return Task.Run(async () => { await Task.Yield(); return x + 41; }); } }")]
    [TestCase("x => A.Go(x).Sum()", "41", "42", "static class A { public static IEnumerable<double> Go(double x) { yield return x; yield return 41; } }")]
    [TestCase("x => A.Go(x).ToBlockingEnumerable().Sum()", "41", "42", "static class A { public static async IAsyncEnumerable<double> Go(double x) { await Task.Yield(); yield return 41; } }")]
    [TestCase("x => A<int>.Go(x)", "41", "42", "static class A<T> { public static double Go(double x) => x + 41 + typeof(T).Name.Length; }")]
    [TestCase("x => A.Go<int>(x)", "<int>", "<long>", "static class A { public static double Go<T>(double x) => x + 41 + typeof(T).Name.Length; }")]
    [TestCase("x => x.ToString() switch { \"a\" => 1, \"b\" => 2, \"c\" => 3, \"d\" => 4, \"e\" => 5, \"f\" => 6, \"g\" => 41, _ => 8 }", "41", "42")]
    [TestCase("x => x.ToString() switch { \"a\" => 1, \"b\" => 2, \"c\" => 3, \"d\" => 4, \"e\" => 5, \"f\" => 6, \"old\" => 7, _ => 8 }", "old", "new")]
    [TestCase("x => A.X", "41", "42", "static class A { public static int X; static A() { X = 41; } }")]
    [TestCase("x => new A().X", "41", "42", "class A { public int X = 41; }")]
    [TestCase("x => (A)x + new A()", "41", "42", "struct A { public double V; public static implicit operator A(double x) => new A { V = x }; public static double operator +(A a, A b) => a.V + b.V + 41; }")]
    [TestCase("x => new A().P", "41", "42", "class A { public int P => 41; }")]
    [TestCase("x => { int L(int y) => y + 41; return L(1); }", "41", "42")]
    [TestCase("x => x is > 41 and < 50 ? 1 : 0", "41", "42")]
    [TestCase("x => (new R(1, 2) with { A = 41 }).ToString()", "41", "42", "record R(int A, int B);")]
    [TestCase("x => new R(1).ToString()", "Old", "New", "record R(int Old);")]
    [TestCase("x => new R(1) == new R(2)", "41", "42", "record R(int A) { public virtual bool Equals(R? o) => o is not null && A + 41 == o.A; public override int GetHashCode() => 0; }")]
    [TestCase("x => new[] { 1, 2, 3, 4, 5, 6, 7, 41 }.Sum()", "41", "42")]
    [TestCase("x => { ReadOnlySpan<byte> s = \"old\"u8; return s.Length + s[0]; }", "old", "new")]
    [TestCase("x => new A().ToString()", "41", "42", "class A { public override string ToString() => \"41\"; }")]
    [TestCase("x => { object a = new A(); return $\"{a}\"; }", "41", "42", "class A { public override string ToString() => \"41\"; }")]
    [TestCase("x => A.Make().Go()", "41", "42", "class A { public virtual int Go() => 1; public static A Make() => new B(); } class B : A { public override int Go() => 41; }")]
    [TestCase("x => new[] { 3, 1 }.OrderBy(a => a, new C()).First()", "41", "42", "class C : IComparer<int> { public int Compare(int a, int b) => a * 41 - b; }")]
    [TestCase("x => new E().First()", "41", "42", "class E : IEnumerable<int> { public IEnumerator<int> GetEnumerator() { yield return 41; } System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => GetEnumerator(); }")]
    [TestCase("x => { using var d = new D(); return 1; }", "41", "42", "class D : IDisposable { public void Dispose() => Console.Write(41); }")]
    [TestCase("x => A.Sum(new V[2]).X", "41", "42", "static class A { public static T Sum<T>(T[] v) where T : System.Numerics.IAdditionOperators<T, T, T> => v[0] + v[1]; } struct V : System.Numerics.IAdditionOperators<V, V, V> { public int X; public static V operator +(V a, V b) => new V { X = a.X + b.X + 41 }; }")]
    [TestCase("x => A.Make<T>()", "41", "42", "class T { public int X = 41; } static class A { public static S Make<S>() where S : new() => new S(); }")]
    [TestCase("x => Enum.GetName((Kind)1)", "Old", "New", "enum Kind { Zero, Old }")]
    [TestCase("x => A.Apply(y => y + 41, x)", "41", "42", "static class A { public static double Apply(Func<double, double> f, double x) => f(x); }")]
    [TestCase("x => A.Apply(B.Go, x)", "41", "42", "delegate double F(double x); static class A { public static double Apply(F f, double x) => f(x); } static class B { public static double Go(double x) => x + 41; }")]
    [TestCase("x => { try { return A.Go(x); } catch (ArgumentException) when (x == 41) { return 1; } }", "41", "42", "static class A { public static double Go(double x) => x; }")]
    [TestCase("x => { try { return x; } catch (ArgumentException) { return 1; } }", "ArgumentException", "FormatException")]
    [TestCase("x => { foreach (var y in new P<int>()) return y; return 0; }", "41", "42", "class P<T> { public struct I { public int Current => 41; public bool MoveNext() => true; } public I GetEnumerator() => default; }")]
    [TestCase("x => new Derived().Base()", "41", "42", "class Lowest { public int Base() => Made(); int Made() => 41; } class Derived : Lowest;")]
    [TestCase("x => x.Twice()", "41", "42", "static class E { extension(double x) { public double Twice() => x * 41; } }")]
    [TestCase("x => { System.Linq.Expressions.Expression<Func<int>> e = () => A.Go(); return new[] { 1 }.AsQueryable().Select(y => A.Go()).First(); }", "41", "42", "static class A { public static int Go() => 41; }")]
    [TestCase("x => System.Text.Json.JsonSerializer.Serialize(new Q())", "41", "42", "class Q { public int P => 41; }")]
    [TestCase("x => System.Text.Json.JsonSerializer.Serialize(new Q())", "old", "new", "class Q { [System.Text.Json.Serialization.JsonPropertyName(\"old\")] public int P => 1; }")]
    [TestCase("x => System.Text.Json.JsonSerializer.Serialize<object>(new Q())", "41", "42", "class Q { public S P => new S(); } class S { public int Deep => 41; }")]
    [TestCase("x => A.Make().Go()", "new virtual", "override", "class A { public virtual int Go() => 1; public static A Make() => new B(); } class B : A { public new virtual int Go() => 41; }")]
    [TestCase("x => (object)new B() is IMark", ": IMark", "", "interface IMark; class B : IMark;")]
    [TestCase("x => A<int>.Get()", "41", "42", "static class A<T> { static readonly int X = 41; public static int Get() => X; }")]
    [TestCase("x => Inner.Go.Invoke(x)", "41", "42", "static class Inner { public static Func<double, double> Go => y => y + 41; }")]
    [TestCase("x => A.Go(default(S))", "41", "42", "static class A { public static int Go<T>(T a) where T : struct, IHas => a.Two(); } interface IHas { int Two(); } struct S : IHas { public int Two() => 41; }", true)]
    [TestCase("x => { var s = new S(); return ((IHas)s).Two(); }", "41", "42", "interface IHas { int Two() => 41; } struct S : IHas;", true)]
    public void OfMethod_ReachedCodeChanges_GivesAnother(
        string lambda, string old, string changed, string members = "", bool isForced = false)
    {
        var source = BuiltApp.Source(lambda, members);
        var other = source.Replace(old, changed, StringComparison.Ordinal);
        var before = BuiltApp.ReachOf(source);
        Assert.Multiple(() =>
        {
            Assert.That(other, Is.Not.EqualTo(source));
            Assert.That(before.Forced, isForced ? Is.Not.Null : Is.Null);
            Assert.That(before.Opaque, Is.Null);
            Assert.That(BuiltApp.ReachOf(other).Digest, Is.Not.EqualTo(before.Digest));
            if (isForced) return;
            Assert.That(
                BuiltApp.ReachOf("class Early { object o = new { A = 1 }; Func<int> f = () => 4; }" + source).Digest,
                Is.EqualTo(before.Digest),
                "other code above");
        });
    }

    [Test]
    public void OfMethod_SecondAssemblyChanges_GivesAnother()
    {
        const string Other = "public static class Rates { public static double Get(double x) => Inner(x) + 1; static double Inner(double x) => x * 41; }";
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

    [TestCase(
        "x => Pricing.Convert(new Rates(), x)",
        "interface IRates { double Get(); } class Rates : IRates { public double Get() => 2; } static class Pricing { public static double Convert(IRates r, double x) => r.Get() * x; }",
        "Pricing.Convert calls IRates.Get through an interface")]
    [TestCase(
        "x => new Round().Twice()",
        "abstract class Shape { protected abstract double Area(); public double Twice() => Area() * 2; } class Round : Shape { protected override double Area() => 3; }",
        "Shape.Twice calls Shape.Area, which is abstract")]
    [TestCase("x => typeof(Hidden).GetMethod(\"Go\")!.Name", "class Hidden { public void Go() { } }", "lambda in App.Root calls Type.GetMethod, which finds code at run time")]
    [TestCase("x => Activator.CreateInstance(Type.GetType(\"Hidden\")!)!", "class Hidden;", "lambda in App.Root calls Type.GetType, which finds code at run time")]
    [TestCase("x => Activator.CreateInstance(typeof(Hidden))!", "class Hidden;", "lambda in App.Root calls Activator.CreateInstance, which finds code at run time")]
    [TestCase("x => { dynamic d = x; return d + 1; }", "", "lambda in App.Root uses dynamic, which finds code at run time")]
    [TestCase("x => System.Reflection.Assembly.Load(\"Other\").FullName!", "", "lambda in App.Root calls Assembly.Load, which finds code at run time")]
    [TestCase("x => { unsafe { delegate*<double, double> f = &Go; return f(x); } static double Go(double y) => y; }", "", "lambda in App.Root calls through a function pointer")]
    [TestCase("x => Native.Abs((int)x)", "static class Native { [System.Runtime.InteropServices.DllImport(\"libc\", EntryPoint = \"abs\")] public static extern int Abs(int x); }", "Native.Abs is native code")]
    [TestCase("x => ((IServiceProvider)Made.One).GetService(typeof(int))!", "class Made : IServiceProvider { public static Made One => new(); public object GetService(Type t) => 1; }", "lambda in App.Root calls IServiceProvider.GetService, which finds code at run time")]
    [TestCase("x => { System.Linq.Expressions.Expression<Func<int>> e = () => 3; return e.Compile()(); }", "", "lambda in App.Root calls Expression.Compile, which finds code at run time")]
    [TestCase("x => A.Go().Result", "static class A { public static async Task<object> Go() { await Task.Yield(); return typeof(A).GetFields().Length; } }", "A.Go calls Type.GetFields, which finds code at run time")]
    [TestCase("x => { object L() => Delegate.CreateDelegate(typeof(Action), typeof(App), \"Go\"); return L(); }", "", "L in App.Root calls Delegate.CreateDelegate, which finds code at run time")]
    public void OfMethod_CallIsOpen_CountsTheModuleAndNamesTheCall(string lambda, string members, string reason)
    {
        var reach = BuiltApp.ReachOfLambda(lambda, members);

        Assert.Multiple(() =>
        {
            Assert.That(reach.Forced, Is.EqualTo(reason));
            Assert.That(reach.Digest, Is.Not.EqualTo(BuiltApp.ReachOfLambda(lambda, members + " class Unrelated;").Digest));
        });
    }

    [TestCase("x => x.GetType().Name + typeof(App).FullName + nameof(App)")]
    [TestCase("x => Activator.CreateInstance<List<double>>()")]
    [TestCase("x => System.Text.RegularExpressions.Regex.Replace($\"{x:F1}\", \"a|b\", m => m.Value.ToUpperInvariant())")]
    [TestCase("x => DateTime.UnixEpoch.AddDays(Math.Round(x)).ToString(\"O\")")]
    [TestCase("x => new Dictionary<string, List<double>> { [\"a\"] = [x, 2] }.GroupBy(p => p.Key.Length).ToDictionary(g => g.Key, g => g.Sum(p => p.Value.Count))")]
    [TestCase("x => string.Join(',', new SortedSet<string>(StringComparer.Ordinal) { \"a\" }.Concat([\"b\"]).Select((s, i) => (s, i)).OrderBy(t => t.i).Select(t => t.s))")]
    [TestCase("x => { IEnumerable<double> e = new List<double> { x }; IList<double> l = e.ToArray(); return l.Count + e.Min(); }")]
    [TestCase("x => System.Text.Json.JsonSerializer.Serialize(new { A = x })")]
    [TestCase("x => Enum.Parse<DayOfWeek>(\"Monday\").ToString() + Convert.ToHexString(System.Security.Cryptography.SHA256.HashData([1]))")]
    [TestCase("x => { var t = new System.Collections.Concurrent.ConcurrentDictionary<int, Lazy<int>>(); return t.GetOrAdd(1, k => new Lazy<int>(() => k)).Value; }")]
    public void OfMethod_CommonCode_IsResolved(string lambda) =>
        Assert.That(BuiltApp.ReachOfLambda(lambda), Has.Property("Forced").Null.And.Property("Digest").Not.Null);

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
            "static class A { public static int Set = 3; public static readonly string[] Kept = [\"a\"]; public const string Named = \"n\"; " +
            "public static readonly Lazy<int> Fixed = new(() => 4); public static int Auto { get; set; } public static int Unread; }");

        Assert.That(reach.Statics.Select(field => CodeNames.Of(field)), Is.EquivalentTo(new[] { "A.Set", "A.Kept", "A.Auto" }));
    }

    [TestCase("static class A<T> { static int X; public static int Get() => X; }", "which every construction of its generic type has for itself")]
    [TestCase("static class A<T> { [ThreadStatic] static int X; public static int Get() => X; }", "which every thread has for itself")]
    public void OfMethod_ReadsAFieldThatHasNoSingleValue_IsOpaque(string members, string reason) =>
        Assert.That(BuiltApp.ReachOfLambda("x => A<int>.Get()", members).Opaque, Is.EqualTo($"reads the static field A.X, {reason}"));

    [Test]
    public void OfMethod_RowsOfAUser_CountWithAllTheirMembers()
    {
        const string Source = "public static class App { public static object Root() => (Func<Row, double>)(row => row.Age); } public class Row { public double Age { get; set => field = value * 41; } }";

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
