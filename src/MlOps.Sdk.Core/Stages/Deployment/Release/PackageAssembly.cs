using MlOps.Sdk.Data;
using MlOps.Sdk.Execution;
using MlOps.Sdk.Features;
using MlOps.Sdk.Packaging;
using MlOps.Sdk.Problem;
using MlOps.Sdk.Processing;
using MlOps.Sdk.Training;

namespace MlOps.Sdk.Deployment;

/// <summary>Puts the results of the stages before into one package.</summary>
internal static class PackageAssembly
{
    private const int GoldenRowCount = 16;

    /// <summary>The package of a run, which was not evaluated yet.</summary>
    public static async Task<ModelPackage> AssembleAsync(
        StageContext context, InputContract? inputs, CancellationToken cancellationToken)
    {
        var readers = context.Run.Readers;
        var problem = await ProblemStage.ReadDefinitionAsync(context, cancellationToken).ConfigureAwait(false);
        var training = await TrainingStage.ReadSummaryAsync(context, cancellationToken).ConfigureAwait(false);
        FeatureGraph? graph = null;
        TrainedModel? model = null;
        try
        {
            graph = FeatureGraph.Read(
                await context.ReadAsync(LifecycleStage.Training, TrainingStage.Graph, cancellationToken).ConfigureAwait(false),
                readers);
            model = TrainedModel.Read(
                readers,
                training.ModelFormat,
                await context.ReadAsync(LifecycleStage.Training, TrainingStage.Model, cancellationToken).ConfigureAwait(false),
                training.ReadsColumns,
                training.RefusesMissing);
            var outOfFold = await TrainingStage.ReadScoresAsync(context, cancellationToken).ConfigureAwait(false);
            var train = await SplitRows.ReadAsync(context, ProcessingStage.Train, cancellationToken).ConfigureAwait(false);
            var decision = new Decision(training.Labels, training.Threshold ?? TrialResult.EvenThreshold);
            var profiled = new Schema(graph.Input.Where(field => !graph.Identifying.Contains(field.Name)));
            var baseline = PackageBaseline.Build(profiled, train.Raw, decision, outOfFold);
            var rules = InputRules.Of(context.Run.Lifecycle, inputs, graph.Input, baseline);
            return new ModelPackage(new PackageParts
            {
                Name = context.Run.Lifecycle,
                Problem = problem,
                Graph = graph,
                Model = model,
                Decision = decision,
                Baseline = baseline,
                Facts = new RunFacts
                {
                    RunId = context.Run.RunId,
                    CreatedAt = context.Run.Time.GetUtcNow(),
                    Trainer = training.Trainer,
                    Parameters = training.Parameters,
                    TrainingRows = context.Input(LifecycleStage.Processing, ProcessingStage.Train).ToString(),
                    HoldoutRows = context.Input(LifecycleStage.Processing, ProcessingStage.Holdout).ToString(),
                },
                Golden = GoldenAnswers.Of(graph, model, train.Raw, GoldenRowCount, rules),
                Inputs = inputs,
            });
        }
        catch
        {
            model?.Dispose();
            graph?.Dispose();
            throw;
        }
    }
}
