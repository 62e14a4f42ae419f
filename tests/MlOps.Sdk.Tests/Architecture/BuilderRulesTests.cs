using System.Linq.Expressions;
using System.Reflection;
using MlOps.Sdk.Collection;
using MlOps.Sdk.Diagnostics;
using MlOps.Sdk.Metrics;
using MlOps.Sdk.Monitoring;
using MlOps.Sdk.Problem;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Architecture;

/// <summary>Every builder of a stage behaves like every other.</summary>
[TestFixture]
public sealed class BuilderRulesTests
{
    private static readonly Assembly Core = typeof(LifecycleBuilder).Assembly;

    // Calls that add to a list, of which several have a meaning.
    private static readonly string[] Lists =
    [
        "From", "Personal", "Apply", "Expect", "Guard", "Report", "Test", "Observe", "Protect", "Try", "TryPipeline", "To", "Watch",
        "Alert", "RetrainAt",
    ];

    private static Type[] Builders =>
        [.. Core.GetTypes().Where(type => type.GetMethod("Build", Hidden, [typeof(BuildContext)]) is not null).OrderBy(type => type.Name)];

    private static IEnumerable<TestCaseData> Calls =>
        from builder in Builders
        from method in builder.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly)
        where method.ReturnType == builder && !method.IsGenericMethod
        select new TestCaseData(builder, method).SetName($"{builder.Name}.{method.Name}");

    private static BindingFlags Hidden => BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.Public;

    [Test]
    public void Builders_OfTheStages_AreThoseOfTheFrontDoor() => Assert.That(
        Builders,
        Is.EquivalentTo(typeof(LifecycleBuilder).GetMethods()
            .SelectMany(method => method.GetParameters())
            .Where(parameter => parameter.ParameterType.Name == "Action`1")
            .Select(parameter => parameter.ParameterType.GetGenericArguments()[0])));

    [TestCaseSource(nameof(Builders))]
    public void Constructors_OfABuilder_AreInternal(Type builder) =>
        Assert.That(builder.GetConstructors(BindingFlags.Public | BindingFlags.Instance), Is.Empty);

    [TestCaseSource(nameof(Calls))]
    public void Call_AfterBuild_IsRefused(Type type, MethodInfo call)
    {
        var builder = Activator.CreateInstance(type, nonPublic: true)!;
        Build(builder);

        Assert.That(
            () => Invoke(builder, call),
            Throws.InvalidOperationException.With.Message.Contains("create a new one"));
        Assert.That(() => Build(builder), Throws.InvalidOperationException);
    }

    [TestCaseSource(nameof(Calls))]
    public void Call_Repeated_IsAMistakeWithItsRemedy(Type type, MethodInfo call)
    {
        if (Lists.Contains(call.Name)) return;
        var once = Activator.CreateInstance(type, nonPublic: true)!;
        Invoke(once, call);
        var twice = Activator.CreateInstance(type, nonPublic: true)!;
        Invoke(twice, call);
        Invoke(twice, call);

        var told = Build(twice).Except(Build(once)).ToArray();

        Assert.That(told, Has.Length.EqualTo(1));
        Assert.That(told[0], Does.Contain("twice").Or.Contain("two").And.Contain("Keep "));
    }

    [Test]
    public void Seal_SaidThreeTimes_IsToldOnce()
    {
        var seal = new BuilderSeal("Here");
        var mistakes = new List<string>();
        for (var i = 0; i < 3; i++) seal.Once("Twice");
        seal.Close(mistakes);

        Assert.That(mistakes, Is.EqualTo(new[] { "Here calls Twice twice. Keep one Twice(…)." }));
    }

    private static List<string> Build(object builder)
    {
        var mistakes = new List<string>();
        Unwrapped(() => builder.GetType().GetMethod("Build", Hidden, [typeof(BuildContext)])!.Invoke(
            builder, [new BuildContext { Task = TaskKind.BinaryClassification, Mistakes = mistakes }]));
        return mistakes;
    }

    private static void Invoke(object builder, MethodInfo call) =>
        Unwrapped(() => call.Invoke(builder, [.. call.GetParameters().Select(Argument)]));

    private static void Unwrapped(Action call)
    {
        try
        {
            call();
        }
        catch (TargetInvocationException e)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(e.InnerException!);
        }
    }

    // A value that the call takes.
    private static object? Argument(ParameterInfo parameter)
    {
        var type = parameter.ParameterType;
        return type == typeof(string) ? "column"
            : type == typeof(string[]) ? new[] { "column" }
            : type == typeof(double) ? 0.25
            : type == typeof(int) ? 5
            : type == typeof(TimeSpan) ? TimeSpan.FromHours(1)
            : type == typeof(RetrainingData) ? RetrainingData.Original
            : type == typeof(MonitoringWindows) ? MonitoringWindows.OfRows(500)
            : type == typeof(PersonalTreatment) ? PersonalTreatment.Drop
            : type == typeof(IMetric[]) ? Array.Empty<IMetric>()
            : type.IsAssignableTo(typeof(Delegate)) ? Nothing(type)
            : type.IsInterface ? typeof(DispatchProxy).GetMethod(nameof(DispatchProxy.Create), 2, [])!
                .MakeGenericMethod(type, typeof(Fake)).Invoke(null, null)
            : parameter.HasDefaultValue ? parameter.DefaultValue
            : type.IsEnum ? Enum.GetValues(type).GetValue(0)
            : null;
    }

    private static Delegate Nothing(Type type)
    {
        var invoke = type.GetMethod("Invoke")!;
        return Expression.Lambda(
            type,
            Expression.Default(invoke.ReturnType),
            invoke.GetParameters().Select(parameter => Expression.Parameter(parameter.ParameterType))).Compile();
    }

    /// <summary>A plug-in that does nothing.</summary>
    public class Fake : DispatchProxy
    {
        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) =>
            targetMethod!.ReturnType is var type && type == typeof(string) ? "fake"
            : type.IsValueType && type != typeof(void) ? Activator.CreateInstance(type)
            : null;
    }
}
