// begin-snippet: contract-test
using MlOps.Sdk.Metrics;
using MlOps.Sdk.Problem;
using MlOps.Sdk.Testing;
using NUnit.Framework;

namespace Acme;

/// <summary>What every metric promises, tested on this one.</summary>
[TestFixture]
public sealed class CostPerRowTests : MetricContract
{
    protected override IReadOnlyList<TaskKind> Tasks => [TaskKind.BinaryClassification];

    protected override IMetric Create() => new CostPerRow(falsePositive: 20, falseNegative: 100);
}
// end-snippet
