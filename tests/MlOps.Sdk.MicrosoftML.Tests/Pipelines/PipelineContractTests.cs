using Microsoft.ML;
using MlOps.Sdk.Data;
using MlOps.Sdk.Plugins;
using MlOps.Sdk.Problem;
using MlOps.Sdk.Testing;
using MlOps.Sdk.Training;
using NUnit.Framework;

namespace MlOps.Sdk.MLNet;

/// <summary>The contract for pipelines of each kind of output.</summary>
[TestFixtureSource(nameof(Names))]
internal sealed class PipelineContractTests(string name) : RowTrainerContract
{
    private static readonly Dictionary<string, (TaskKind Task, Func<MLContext, PipelineSettings, IEstimator<ITransformer>> Build)>
        s_samples = new()
        {
            ["code of Model Builder"] = (TaskKind.BinaryClassification, (ml, _) => PipelineSamples.ModelBuilder(ml)),
            ["probabilities"] = (TaskKind.BinaryClassification, PipelineSamples.Trees),
            ["margins"] = (TaskKind.BinaryClassification, PipelineSamples.Margins),
            ["classes"] = (TaskKind.MulticlassClassification, PipelineSamples.Classes),
            ["scores of classes"] = (TaskKind.MulticlassClassification, PipelineSamples.ClassScores),
            ["a number"] = (TaskKind.Regression, PipelineSamples.Number),
        };

    public static IEnumerable<string> Names => s_samples.Keys;

    protected override IReadOnlyList<TaskKind> Tasks => [s_samples[name].Task];

    protected override Dataset Rows(TaskKind task) => PipelineRows.Only(
        PipelineRows.Create(300), "tenure", "visits", "member", "contract", "review", "since", "shape", Problem(task).Label);

    protected override ProblemDefinition Problem(TaskKind task) => task switch
    {
        TaskKind.BinaryClassification => new() { Task = task, Label = "churn", PositiveClass = "yes" },
        TaskKind.MulticlassClassification => new() { Task = task, Label = "segment" },
        _ => new() { Task = task, Label = "spend" },
    };

    protected override IRowTrainer Create() => MicrosoftML.Pipeline(name, "1", s_samples[name].Build);

    protected override void AddReaders(FormatReaders readers) => TransformReaders.AddTo(readers);
}
