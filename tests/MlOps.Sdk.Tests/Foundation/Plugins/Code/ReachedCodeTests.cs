using NUnit.Framework;

namespace MlOps.Sdk.Tests.Plugins;

[TestFixture]
public sealed class ReachedCodeTests
{
    // Each lambda reaches the text or the number that the second build changes.
    [TestCase("x => x + 41", "41", "42")]
    [TestCase("x => \"old\"", "old", "new")]
    [TestCase(
        "x => A.Go(x)", "41", "42",
        "static class A { public static double Go(double x) => B.Go(x); } static class B { public static double Go(double x) => x + " +
        "41; }")]
    [TestCase("x => new[] { 1 }.Select(a => new[] { 2 }.Select(b => b + 41).Sum()).Sum()", "41", "42")]
    [TestCase(
        "x => A.Go(x).Result", "41", "42",
        "static class A { public static async Task<double> Go(double x) { await Task.Yield(); return x + 41; } }")]
    [TestCase(
        "x => A.Go(x).Result", "41", "42",
        "static class A { public static Task<double> Go(double x) { return Task.Run(async () => { await Task.Yield(); return x + 41; " +
        "}); } }")]
    [TestCase(
        "x => A.Go(x).Sum()", "41", "42",
        "static class A { public static IEnumerable<double> Go(double x) { yield return x; yield return 41; } }")]
    [TestCase(
        "x => A.Go(x).ToBlockingEnumerable().Sum()", "41", "42",
        "static class A { public static async IAsyncEnumerable<double> Go(double x) { await Task.Yield(); yield return 41; } }")]
    [TestCase(
        "x => A<int>.Go(x)", "41", "42",
        "static class A<T> { public static double Go(double x) => x + 41 + typeof(T).Name.Length; }")]
    [TestCase(
        "x => A.Go<int>(x)", "<int>", "<long>",
        "static class A { public static double Go<T>(double x) => x + 41 + typeof(T).Name.Length; }")]
    [TestCase(
        "x => x.ToString() switch { \"a\" => 1, \"b\" => 2, \"c\" => 3, \"d\" => 4, \"e\" => 5, \"f\" => 6, \"g\" => 41, _ => 8 }",
        "41", "42")]
    [TestCase(
        "x => x.ToString() switch { \"a\" => 1, \"b\" => 2, \"c\" => 3, \"d\" => 4, \"e\" => 5, \"f\" => 6, \"old\" => 7, _ => 8 }",
        "old", "new")]
    [TestCase("x => A.X", "41", "42", "static class A { public static int X; static A() { X = 41; } }")]
    [TestCase("x => new A().X", "41", "42", "class A { public int X = 41; }")]
    [TestCase(
        "x => (A)x + new A()", "41", "42",
        "struct A { public double V; public static implicit operator A(double x) => new A { V = x }; public static double operator " +
        "+(A a, A b) => a.V + b.V + 41; }")]
    [TestCase("x => new A().P", "41", "42", "class A { public int P => 41; }")]
    [TestCase("x => { int L(int y) => y + 41; return L(1); }", "41", "42")]
    [TestCase("x => x is > 41 and < 50 ? 1 : 0", "41", "42")]
    [TestCase("x => (new R(1, 2) with { A = 41 }).ToString()", "41", "42", "record R(int A, int B);")]
    [TestCase("x => new R(1).ToString()", "Old", "New", "record R(int Old);")]
    [TestCase(
        "x => new R(1) == new R(2)", "41", "42",
        "record R(int A) { public virtual bool Equals(R? o) => o is not null && A + 41 == o.A; public override int GetHashCode() => " +
        "0; }")]
    [TestCase("x => new[] { 1, 2, 3, 4, 5, 6, 7, 41 }.Sum()", "41", "42")]
    [TestCase("x => { ReadOnlySpan<byte> s = \"old\"u8; return s.Length + s[0]; }", "old", "new")]
    [TestCase("x => new A().ToString()", "41", "42", "class A { public override string ToString() => \"41\"; }")]
    [TestCase("x => { object a = new A(); return $\"{a}\"; }", "41", "42", "class A { public override string ToString() => \"41\"; }")]
    [TestCase(
        "x => A.Make().Go()", "41", "42",
        "class A { public virtual int Go() => 1; public static A Make() => new B(); } class B : A { public override int Go() => 41; }")]
    [TestCase(
        "x => new[] { 3, 1 }.OrderBy(a => a, new C()).First()", "41", "42",
        "class C : IComparer<int> { public int Compare(int a, int b) => a * 41 - b; }")]
    [TestCase(
        "x => new E().First()", "41", "42",
        "class E : IEnumerable<int> { public IEnumerator<int> GetEnumerator() { yield return 41; } System.Collections.IEnumerator " +
        "System.Collections.IEnumerable.GetEnumerator() => GetEnumerator(); }")]
    [TestCase(
        "x => { using var d = new D(); return 1; }", "41", "42",
        "class D : IDisposable { public void Dispose() => Console.Write(41); }")]
    [TestCase(
        "x => A.Sum(new V[2]).X", "41", "42",
        "static class A { public static T Sum<T>(T[] v) where T : System.Numerics.IAdditionOperators<T, T, T> => v[0] + v[1]; } " +
        "struct V : System.Numerics.IAdditionOperators<V, V, V> { public int X; public static V operator +(V a, V b) => new V { X = " +
        "a.X + b.X + 41 }; }")]
    [TestCase(
        "x => A.Make<T>()", "41", "42",
        "class T { public int X = 41; } static class A { public static S Make<S>() where S : new() => new S(); }")]
    [TestCase("x => Enum.GetName((Kind)1)", "Old", "New", "enum Kind { Zero, Old }")]
    [TestCase("x => ((Kind)3).ToString()", "enum Kind", "[Flags] enum Kind", "enum Kind { Zero, One, Two }")]
    [TestCase(
        "x => A.Apply(y => y + 41, x)", "41", "42",
        "static class A { public static double Apply(Func<double, double> f, double x) => f(x); }")]
    [TestCase(
        "x => A.Apply(B.Go, x)", "41", "42",
        "delegate double F(double x); static class A { public static double Apply(F f, double x) => f(x); } static class B { public " +
        "static double Go(double x) => x + 41; }")]
    [TestCase(
        "x => { try { return A.Go(x); } catch (ArgumentException) when (x == 41) { return 1; } }", "41", "42",
        "static class A { public static double Go(double x) => x; }")]
    [TestCase("x => { try { return x; } catch (ArgumentException) { return 1; } }", "ArgumentException", "FormatException")]
    [TestCase(
        "x => { foreach (var y in new P<int>()) return y; return 0; }", "41", "42",
        "class P<T> { public struct I { public int Current => 41; public bool MoveNext() => true; } public I GetEnumerator() => " +
        "default; }")]
    [TestCase(
        "x => new Derived().Base()", "41", "42",
        "class Lowest { public int Base() => Made(); int Made() => 41; } class Derived : Lowest;")]
    [TestCase("x => x.Twice()", "41", "42", "static class E { extension(double x) { public double Twice() => x * 41; } }")]
    [TestCase(
        "x => { System.Linq.Expressions.Expression<Func<int>> e = () => A.Go(); return new[] { 1 }.AsQueryable().Select(y => " +
        "A.Go()).First(); }", "41", "42",
        "static class A { public static int Go() => 41; }")]
    [TestCase("x => System.Text.Json.JsonSerializer.Serialize(new Q())", "41", "42", "class Q { public int P => 41; }")]
    [TestCase(
        "x => System.Text.Json.JsonSerializer.Serialize(new Q())", "old", "new",
        "class Q { [System.Text.Json.Serialization.JsonPropertyName(\"old\")] public int P => 1; }")]
    [TestCase(
        "x => System.Text.Json.JsonSerializer.Serialize<object>(new Q())", "41", "42",
        "class Q { public S P => new S(); } class S { public int Deep => 41; }")]
    [TestCase(
        "x => A.Make().Go()", "new virtual", "override",
        "class A { public virtual int Go() => 1; public static A Make() => new B(); } class B : A { public new virtual int Go() => " +
        "41; }")]
    [TestCase("x => (object)new B() is IMark", ": IMark", "", "interface IMark; class B : IMark;")]
    [TestCase("x => A<int>.Get()", "41", "42", "static class A<T> { static readonly int X = 41; public static int Get() => X; }")]
    [TestCase("x => Inner.Go.Invoke(x)", "41", "42", "static class Inner { public static Func<double, double> Go => y => y + 41; }")]
    [TestCase(
        "x => A.Go(default(S))", "41", "42",
        "static class A { public static int Go<T>(T a) where T : struct, IHas => a.Two(); } interface IHas { int Two(); } struct S : " +
        "IHas { public int Two() => 41; }",
        true)]
    [TestCase(
        "x => { var s = new S(); return ((IHas)s).Two(); }", "41", "42",
        "interface IHas { int Two() => 41; } struct S : IHas;",
        true)]
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
}
