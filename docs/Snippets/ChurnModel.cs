using Microsoft.ML;
using Microsoft.ML.Trainers.FastTree;

namespace Acme;

/// <summary>What Model Builder generates, shortened.</summary>
internal static class ChurnModel
{
    // begin-snippet: model-builder
    public static IEstimator<ITransformer> BuildPipeline(MLContext mlContext)
    {
        var pipeline = mlContext.Transforms.Categorical.OneHotEncoding([new InputOutputColumnPair(@"contract", @"contract")])
            .Append(mlContext.Transforms.ReplaceMissingValues([new InputOutputColumnPair(@"total_charges", @"total_charges")]))
            .Append(mlContext.Transforms.Concatenate(@"Features", @"contract", @"tenure", @"total_charges"))
            .Append(mlContext.Transforms.Conversion.MapValueToKey(outputColumnName: @"churn", inputColumnName: @"churn"))
            .Append(mlContext.MulticlassClassification.Trainers.OneVersusAll(
                binaryEstimator: mlContext.BinaryClassification.Trainers.FastTree(new FastTreeBinaryTrainer.Options
                {
                    NumberOfLeaves = 4, NumberOfTrees = 20, LabelColumnName = @"churn", FeatureColumnName = @"Features",
                }),
                labelColumnName: @"churn"))
            .Append(mlContext.Transforms.Conversion.MapKeyToValue(outputColumnName: @"PredictedLabel", inputColumnName: @"PredictedLabel"));

        return pipeline;
    }
    // end-snippet
}
