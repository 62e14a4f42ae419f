using Acme;
using MlOps.Sdk.Metrics;
using MlOps.Sdk.Problem;
using MlOps.Sdk.Testing;

namespace MlOps.Sdk.Tests.Docs.Plugins;

public sealed class CostPerRowContract : MetricContract
{
    protected override IReadOnlyList<TaskKind> Tasks => [TaskKind.BinaryClassification];

    protected override IMetric Create() => new CostPerRow(falsePositive: 20, falseNegative: 100);
}
