using NUnit.Framework;

namespace MlOps.Sdk.Tests.Plugins;

[TestFixture]
public sealed class OpenCallsTests
{
    [TestCase(
        "x => Pricing.Convert(new Rates(), x)",
        "interface IRates { double Get(); } class Rates : IRates { public double Get() => 2; } " +
        "static class Pricing { public static double Convert(IRates r, double x) => r.Get() * x; }",
        "Pricing.Convert calls IRates.Get through an interface")]
    [TestCase(
        "x => new Round().Twice()",
        "abstract class Shape { protected abstract double Area(); public double Twice() => Area() * 2; } " +
        "class Round : Shape { protected override double Area() => 3; }",
        "Shape.Twice calls Shape.Area, which is abstract")]
    [TestCase(
        "x => typeof(Hidden).GetMethod(\"Go\")!.Name",
        "class Hidden { public void Go() { } }",
        "lambda in App.Root calls Type.GetMethod, which finds code at run time")]
    [TestCase(
        "x => Activator.CreateInstance(Type.GetType(\"Hidden\")!)!",
        "class Hidden;",
        "lambda in App.Root calls Type.GetType, which finds code at run time")]
    [TestCase(
        "x => Activator.CreateInstance(typeof(Hidden))!",
        "class Hidden;",
        "lambda in App.Root calls Activator.CreateInstance, which finds code at run time")]
    [TestCase("x => { dynamic d = x; return d + 1; }", "", "lambda in App.Root uses dynamic, which finds code at run time")]
    [TestCase(
        "x => System.Reflection.Assembly.Load(\"Other\").FullName!",
        "",
        "lambda in App.Root calls Assembly.Load, which finds code at run time")]
    [TestCase(
        "x => { unsafe { delegate*<double, double> f = &Go; return f(x); } static double Go(double y) => y; }",
        "",
        "lambda in App.Root calls through a function pointer")]
    [TestCase(
        "x => Native.Abs((int)x)",
        "static class Native { [System.Runtime.InteropServices.DllImport(\"libc\", EntryPoint = \"abs\")] public static extern int " +
        "Abs(int x); }",
        "Native.Abs is native code")]
    [TestCase(
        "x => ((IServiceProvider)Made.One).GetService(typeof(int))!",
        "class Made : IServiceProvider { public static Made One => new(); public object GetService(Type t) => 1; }",
        "lambda in App.Root calls IServiceProvider.GetService, which finds code at run time")]
    [TestCase(
        "x => { System.Linq.Expressions.Expression<Func<int>> e = () => 3; return e.Compile()(); }",
        "",
        "lambda in App.Root calls Expression.Compile, which finds code at run time")]
    [TestCase(
        "x => A.Go().Result",
        "static class A { public static async Task<object> Go() { await Task.Yield(); return typeof(A).GetFields().Length; } }",
        "A.Go calls Type.GetFields, which finds code at run time")]
    [TestCase(
        "x => { object L() => Delegate.CreateDelegate(typeof(Action), typeof(App), \"Go\"); return L(); }",
        "",
        "L in App.Root calls Delegate.CreateDelegate, which finds code at run time")]
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
    [TestCase(
        "x => new Dictionary<string, List<double>> { [\"a\"] = [x, 2] }.GroupBy(p => p.Key.Length).ToDictionary(g => g.Key, g => " +
        "g.Sum(p => p.Value.Count))")]
    [TestCase(
        "x => string.Join(',', new SortedSet<string>(StringComparer.Ordinal) { \"a\" }.Concat([\"b\"]).Select((s, i) => (s, " +
        "i)).OrderBy(t => t.i).Select(t => t.s))")]
    [TestCase("x => { IEnumerable<double> e = new List<double> { x }; IList<double> l = e.ToArray(); return l.Count + e.Min(); }")]
    [TestCase("x => System.Text.Json.JsonSerializer.Serialize(new { A = x })")]
    [TestCase("x => Enum.Parse<DayOfWeek>(\"Monday\").ToString() + Convert.ToHexString(System.Security.Cryptography.SHA256.HashData([1]))")]
    [TestCase(
        "x => { var t = new System.Collections.Concurrent.ConcurrentDictionary<int, Lazy<int>>(); return t.GetOrAdd(1, k => new " +
        "Lazy<int>(() => k)).Value; }")]
    public void OfMethod_CommonCode_IsResolved(string lambda) =>
        Assert.That(BuiltApp.ReachOfLambda(lambda), Has.Property("Forced").Null.And.Property("Digest").Not.Null);
}
