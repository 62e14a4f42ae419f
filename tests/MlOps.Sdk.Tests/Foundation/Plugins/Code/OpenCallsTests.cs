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

    [TestCase("x => Activator.CreateInstance(Type.GetType(\"Hidden\")!)!", "calls Type.GetType, which finds code at run time")]
    [TestCase("x => Activator.CreateInstance(\"App\", \"Hidden\")!", "calls Activator.CreateInstance, which finds code at run time")]
    [TestCase("x => typeof(App).Assembly.GetTypes().Length", "calls Assembly.GetTypes, which finds code at run time")]
    [TestCase("x => typeof(App).GetNestedTypes().Length", "calls Type.GetNestedTypes, which finds code at run time")]
    [TestCase("x => typeof(App.In).DeclaringType!.Name", "calls MemberInfo.get_DeclaringType, which finds code at run time")]
    [TestCase(
        "x => System.Reflection.CustomAttributeExtensions.GetCustomAttributes(typeof(App).Assembly)",
        "calls CustomAttributeExtensions.GetCustomAttributes, which finds code at run time")]
    [TestCase("x => ((IServiceProvider)null!).GetService(typeof(int))!", "calls IServiceProvider.GetService, which finds code at run time")]
    public void OfMethod_CallMayFindAnyType_IsOpaque(string lambda, string reason)
    {
        var reach = BuiltApp.ReachOfLambda(lambda, "partial class App { public class In; }");

        Assert.Multiple(() =>
        {
            Assert.That(reach.Opaque, Is.EqualTo($"may run any code and read any static field: lambda in App.Root {reason}"));
            Assert.That(reach.Forced, Is.Not.Null);
        });
    }

    // What is found is a member of a type that the code names.
    [TestCase("x => typeof(Hidden).GetMethod(\"Go\")!.Invoke(null, null)!")]
    [TestCase("x => typeof(Settings).GetField(\"Rate\")!.GetValue(null)!")]
    [TestCase("x => { dynamic d = new Hidden(); return d.Instance; }")]
    [TestCase("x => Activator.CreateInstance(typeof(Hidden))!.ToString()!")]
    [TestCase("x => { unsafe { delegate*<double> f = &Hidden.Go; return f(); } }")]
    [TestCase("x => Delegate.CreateDelegate(typeof(Func<double>), typeof(Hidden), \"Go\").DynamicInvoke()!")]
    public void OfMethod_CallFindsMembers_ListsTheStaticFieldsThatTheyRead(string lambda)
    {
        var reach = BuiltApp.ReachOfLambda(
            lambda,
            "class Hidden { double _made; public Hidden() => _made = Settings.Rate; public double Instance => Settings.Rate; " +
            "public static double Go() => Settings.Rate; } static class Settings { public static double Rate; }");

        Assert.Multiple(() =>
        {
            Assert.That(reach.Forced, Is.Not.Null);
            Assert.That(reach.Opaque, Is.Null);
            Assert.That(reach.Statics.Select(field => field.Name), Is.EqualTo(new[] { "Rate" }));
        });
    }

    [Test]
    public void OfMethod_AssemblyIsMissing_IsOpaque()
    {
        const string Source = "public static class App { public static object Root() => " +
            "(Func<double, double>)(x => Go(x) + Settings.Rate); static double Go(double x) => x > 0 ? x : Rates.Get(); } " +
            "static class Settings { public static double Rate; }";

        var reach = BuiltApp.ReachOf(Source, "public static class Rates { public static double Get() => 1; }", isDeployed: false);

        Assert.That(reach.Opaque, Does.StartWith("refers to something that cannot be loaded, so that its code cannot be followed: "));
    }

    [Test]
    public void OfMethod_MethodHasNoIl_IsOpaque() => Assert.That(
        BuiltApp.ReachOfLambda(
            "x => Native.Go()",
            "static class Native { [System.Runtime.CompilerServices.MethodImpl(" +
            "System.Runtime.CompilerServices.MethodImplOptions.InternalCall)] public static extern int Go(); }").Opaque,
        Is.EqualTo("runs Native.Go, whose IL cannot be read"));

    [Test]
    public void OfMethod_ReachesVeryMuch_IsOpaque()
    {
        var methods = string.Concat(Enumerable.Range(0, 20_001).Select(i => $"static int M{i}() => 1;"));
        var calls = string.Concat(Enumerable.Range(0, 20_001).Select(i => $"M{i}();"));

        var reach = BuiltApp.ReachOfLambda(
            "x => Many.Go()",
            $"static class Many {{ {methods} public static int Go() {{ {calls} return 1; }} }}");

        Assert.That(reach.Opaque, Is.EqualTo("reaches more than 20,000 methods and types"));
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
