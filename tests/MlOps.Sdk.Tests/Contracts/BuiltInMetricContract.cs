using System.Reflection;
using MlOps.Sdk.Metrics;
using MlOps.Sdk.Problem;
using MlOps.Sdk.Testing;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Contracts;

[TestFixtureSource(nameof(Names))]
public sealed class BuiltInMetricContract(string name) : MetricContract
{
    private static readonly Dictionary<string, IMetric> Metrics = typeof(Metric).GetProperties(BindingFlags.Public | BindingFlags.Static)
        .Select(property => (IMetric)property.GetValue(null)!)
        .Concat(typeof(Fairness).GetMethods(BindingFlags.Public | BindingFlags.Static).Select(OfGroups))
        .ToDictionary(metric => metric.Name);

    public static IEnumerable<string> Names => Metrics.Keys;

    protected override IReadOnlyList<TaskKind> Tasks => name switch
    {
        "rmse" or "mae" or "median_absolute_error" or "mape" or "r2" => [TaskKind.Regression],
        _ when Create().Needs.HasFlag(MetricNeeds.Groups) => [TaskKind.BinaryClassification],
        _ => [TaskKind.BinaryClassification, TaskKind.MulticlassClassification],
    };

    protected override IEnumerable<Evaluation> Undefined => name switch
    {
        "roc_auc" or "mcc" => [Binary([1, 1, 1], [0.2, 0.7, 0.9]), Binary([0, 0, 0], [0.2, 0.7, 0.9])],
        "pr_auc" or "recall" => [Binary([0, 0, 0], [0.2, 0.7, 0.9])],
        "precision" => [Binary([0, 1, 0], [0.2, 0.3, 0.4])],
        "f1" => [Binary([0, 0, 0], [0.2, 0.3, 0.4])],
        "r2" =>
            [new Evaluation { Task = TaskKind.Regression, ClassCount = 1, Labels = new double[] { 2, 2 }, Scores = new double[] { 1, 2 } }],
        _ when Create().Needs.HasFlag(MetricNeeds.Groups) => [Binary([0, 1, 0], [0.2, 0.6, 0.4])],
        _ => [],
    };

    protected override IMetric Create() => Metrics[name];

    private static IMetric OfGroups(MethodInfo method)
    {
        object[] arguments = method.GetParameters()[1].ParameterType == typeof(int) ? [GroupAttribute, 30] : [GroupAttribute, "a"];
        return (IMetric)method.Invoke(null, arguments)!;
    }

    private static Evaluation Binary(double[] labels, double[] scores) => new()
    {
        Task = TaskKind.BinaryClassification,
        Labels = labels,
        Scores = scores,
        Groups = new Dictionary<string, IReadOnlyList<string?>> { [GroupAttribute] = [.. labels.Select(_ => "c")] },
    };
}
