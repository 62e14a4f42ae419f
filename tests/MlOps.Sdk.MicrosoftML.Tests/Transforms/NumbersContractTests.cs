using MlOps.Sdk.Data;
using MlOps.Sdk.Features;
using MlOps.Sdk.Plugins;
using MlOps.Sdk.Testing;

namespace MlOps.Sdk.MLNet;

/// <summary>The contract for a dense transform of numbers, booleans and texts, which allocates nothing.</summary>
internal sealed class NumbersContractTests : FeatureTransformContract
{
    protected override Dataset Rows => PipelineRows.Create(150);

    protected override IFeatureTransform Create() =>
        new EstimatorTransform("numbers", ["tenure", "visits", "member", "contract"], PipelineSamples.Numbers, null);

    protected override IFitContext Context(Dataset rows) => new SampleFitContext(rows, "churn");

    protected override void AddReaders(FormatReaders readers) => TransformReaders.AddTo(readers);
}
