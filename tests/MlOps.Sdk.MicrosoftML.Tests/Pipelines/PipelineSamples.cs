using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers;
using Microsoft.ML.Trainers.FastTree;
using Microsoft.ML.Transforms;

namespace MlOps.Sdk.MLNet;

/// <summary>Pipelines as users of ML.NET write them.</summary>
internal static class PipelineSamples
{
    /// <summary>As Model Builder generates it: two classes by trees of one against all, and the label by its name.</summary>
    public static IEstimator<ITransformer> ModelBuilder(MLContext mlContext)
    {
        // Data process configuration with pipeline data transformations
        var pipeline = mlContext.Transforms.Categorical.OneHotEncoding(
                new[] { new InputOutputColumnPair(@"contract", @"contract") }, outputKind: OneHotEncodingEstimator.OutputKind.Indicator)
            .Append(mlContext.Transforms.ReplaceMissingValues(new[]
            {
                new InputOutputColumnPair(@"tenure", @"tenure"), new InputOutputColumnPair(@"visits", @"visits")
            }))
            .Append(mlContext.Transforms.Conversion.ConvertType(new[] { new InputOutputColumnPair(@"member", @"member") }))
            .Append(mlContext.Transforms.Text.FeaturizeText(inputColumnName: @"review", outputColumnName: @"review"))
            .Append(mlContext.Transforms.Concatenate(@"Features", new[] { @"contract", @"tenure", @"visits", @"member", @"review" }))
            .Append(mlContext.Transforms.Conversion.MapValueToKey(
                outputColumnName: @"churn", inputColumnName: @"churn", addKeyValueAnnotationsAsText: false))
            .Append(mlContext.MulticlassClassification.Trainers.OneVersusAll(
                binaryEstimator: mlContext.BinaryClassification.Trainers.FastTree(new FastTreeBinaryTrainer.Options()
                {
                    NumberOfLeaves = 4,
                    MinimumExampleCountPerLeaf = 20,
                    NumberOfTrees = 8,
                    MaximumBinCountPerFeature = 254,
                    FeatureFraction = 1,
                    LearningRate = 0.1,
                    LabelColumnName = @"churn",
                    FeatureColumnName = @"Features",
                    DiskTranspose = false
                }),
                labelColumnName: @"churn"))
            .Append(mlContext.Transforms.Conversion.MapKeyToValue(outputColumnName: @"PredictedLabel", inputColumnName: @"PredictedLabel"));

        return pipeline;
    }

    /// <summary>The numbers, without the missing ones, as <c>Features</c>; allocates nothing when it serves.</summary>
    public static IEstimator<ITransformer> Numbers(MLContext ml) => ml.Transforms
        .ReplaceMissingValues(
            [new InputOutputColumnPair("tenure"), new InputOutputColumnPair("visits"), new InputOutputColumnPair("member")],
            MissingValueReplacingEstimator.ReplacementMode.Mean)
        .Append(ml.Transforms.Categorical.OneHotEncoding("contract"))
        .Append(ml.Transforms.Concatenate("Features", "tenure", "visits", "member", "contract"));

    /// <summary>Trees on the numbers, with probabilities.</summary>
    public static IEstimator<ITransformer> Trees(MLContext ml, PipelineSettings settings) => Numbers(ml).Append(
        ml.BinaryClassification.Trainers.FastTree(
            settings.Label, exampleWeightColumnName: settings.Weight, numberOfTrees: 10, numberOfLeaves: 6, minimumExampleCountPerLeaf: 5));

    /// <summary>A linear trainer that gives margins.</summary>
    public static IEstimator<ITransformer> Margins(MLContext ml, PipelineSettings settings) => Numbers(ml)
        .Append(ml.Transforms.NormalizeMinMax("Features"))
        .Append(ml.BinaryClassification.Trainers.AveragedPerceptron(settings.Label));

    /// <summary>Several classes by a trainer that gives probabilities.</summary>
    public static IEstimator<ITransformer> Classes(MLContext ml, PipelineSettings settings) => Numbers(ml)
        .Append(ml.Transforms.NormalizeMinMax("Features"))
        .Append(ml.Transforms.Conversion.MapValueToKey(settings.Label))
        .Append(ml.MulticlassClassification.Trainers.LbfgsMaximumEntropy(settings.Label));

    /// <summary>Several classes by a trainer whose scores are no probabilities.</summary>
    public static IEstimator<ITransformer> ClassScores(MLContext ml, PipelineSettings settings) => Numbers(ml)
        .Append(ml.Transforms.NormalizeMinMax("Features"))
        .Append(ml.Transforms.Conversion.MapValueToKey(settings.Label))
        .Append(ml.MulticlassClassification.Trainers.SdcaNonCalibrated(new SdcaNonCalibratedMulticlassTrainer.Options
        {
            LabelColumnName = settings.Label,
            NumberOfThreads = settings.Threads,
            MaximumNumberOfIterations = 30,
        }));

    /// <summary>A number by trees.</summary>
    public static IEstimator<ITransformer> Number(MLContext ml, PipelineSettings settings) => Numbers(ml).Append(
        ml.Regression.Trainers.FastTree(settings.Label, numberOfTrees: 20, numberOfLeaves: 8, minimumExampleCountPerLeaf: 5));
}
