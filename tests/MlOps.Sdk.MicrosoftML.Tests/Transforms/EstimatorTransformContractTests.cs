using Microsoft.ML;
using MlOps.Sdk.Data;
using MlOps.Sdk.Features;
using MlOps.Sdk.Plugins;
using MlOps.Sdk.Testing;
using MlOps.Sdk.Tests;
using NUnit.Framework;

namespace MlOps.Sdk.MLNet;

/// <summary>The contract for transforms of each kind of output. Only the engine of texts allocates.</summary>
[TestFixtureSource(nameof(Names))]
internal sealed class EstimatorTransformContractTests(string name) : FeatureTransformContract
{
    private static readonly Dictionary<string, (string[] Columns, Func<MLContext, IEstimator<ITransformer>> Build, string? Output)>
        s_samples = new()
        {
            ["sparse texts"] = (["review"], ml => ml.Transforms.Text.FeaturizeText("Features", "review"), null),
            ["numbers"] = (["tenure", "visits", "member", "contract"], PipelineSamples.Numbers, null),
            ["a named column"] = (["tenure", "visits", "member", "contract"], PipelineSamples.Numbers, "tenure"),
            ["a vector"] = (["shape"], ml => ml.Transforms.NormalizeMeanVariance("scaled", "shape"), null),
            ["levels of two columns"] = (
                ["contract", "member"],
                ml => ml.Transforms.Categorical.OneHotEncoding(
                    [new InputOutputColumnPair("contract"), new InputOutputColumnPair("member")]),
                null),
            ["a column and a vector of levels"] = (
                ["tenure", "contract"],
                ml => ml.Transforms.ReplaceMissingValues("tenure")
                    .Append(ml.Transforms.Categorical.OneHotHashEncoding("contract", numberOfBits: LongForm.Of(many: 16, few: 10)))
                    .Append(ml.Transforms.Concatenate("Features", "contract", "tenure")),
                null),
        };

    public static IEnumerable<string> Names => s_samples.Keys;

    protected override Dataset Rows => PipelineRows.Create(150);

    protected override IFeatureTransform Create() =>
        new EstimatorTransform("features", s_samples[name].Columns, s_samples[name].Build, s_samples[name].Output);

    protected override IFitContext Context(Dataset rows) => new SampleFitContext(rows, "churn");

    protected override void AddReaders(FormatReaders readers) => TransformReaders.AddTo(readers);
}
