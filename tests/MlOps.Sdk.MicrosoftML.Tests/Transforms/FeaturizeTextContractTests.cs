using Microsoft.ML;
using MlOps.Sdk.Data;
using MlOps.Sdk.Features;
using MlOps.Sdk.Plugins;
using MlOps.Sdk.Testing;

namespace MlOps.Sdk.MLNet;

/// <summary>The contract for a sparse transform of texts.</summary>
internal sealed class FeaturizeTextContractTests : FeatureTransformContract
{
    protected override bool MayAllocate => true;

    protected override Dataset Rows => PipelineRows.Create(150);

    protected override IFeatureTransform Create() =>
        new EstimatorTransform("words", ["review"], ml => ml.Transforms.Text.FeaturizeText("Features", "review"), null);

    protected override IFitContext Context(Dataset rows) => new SampleFitContext(rows, "churn");

    protected override void AddReaders(FormatReaders readers) => TransformReaders.AddTo(readers);
}
