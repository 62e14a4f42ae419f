using Microsoft.Extensions.DependencyInjection;
using Microsoft.ML;
using MlOps.Sdk;
using MlOps.Sdk.Features;
using MlOps.Sdk.Training;

namespace Acme;

/// <summary>Pipelines and estimators of Microsoft.ML inside a lifecycle.</summary>
internal static class BorrowedPipelines
{
    public static FeatureBuilder Words(FeatureBuilder features)
    {
        // begin-snippet: estimator-as-transform
        features
            .Numeric(["tenure", "monthly_charges"])
            .MicrosoftML("contract-words", ["contract"], ml => ml.Transforms.Text.FeaturizeText("Features", "contract"));
        // end-snippet
        return features;
    }

    public static TrainingBuilder Pipelines(TrainingBuilder training)
    {
        // begin-snippet: pipeline-as-trainer
        training
            .TryPipeline(MicrosoftML.Pipeline("model-builder", "1", (ml, _) => ChurnModel.BuildPipeline(ml)))
            .TryPipeline(
                MicrosoftML.Pipeline(
                    "trees",
                    "1",
                    (ml, settings) => ml.Transforms.Categorical.OneHotEncoding("contract")
                        .Append(ml.Transforms.ReplaceMissingValues("total_charges"))
                        .Append(ml.Transforms.Concatenate("Features", "contract", "tenure", "total_charges"))
                        .Append(ml.BinaryClassification.Trainers.FastTree(
                            settings.Label, exampleWeightColumnName: settings.Weight, numberOfTrees: settings["trees"].AsInteger())),
                    new IntegerHyperparameter("trees", 100, minimum: 10, maximum: 500)),
                search => search.Integer("trees", 20, 200));
        // end-snippet
        return training;
    }

    public static async Task<Workspace> OpenAsync(string path, CancellationToken cancellationToken)
    {
        // begin-snippet: use-microsoft-ml
        var workspace = await Workspace.OpenAsync(path, options => options.UseMicrosoftML(), cancellationToken);
        // end-snippet
        return workspace;
    }

    public static void Host(IServiceCollection services)
    {
        // begin-snippet: add-microsoft-ml
        services.AddMlOps().AddMicrosoftML("Contoso.Transforms"); // an assembly of your own whose mappings models may use
        // end-snippet
    }
}
