using MlOps.Sdk.Problem;

namespace MlOps.Sdk.Training;

/// <summary>Predicts the classes' shares, or the mean: what any other model has to beat.</summary>
internal sealed class BaselineTrainer : ITrainer
{
    public string Name => "baseline";

    public string Version => "1";

    public TrainerCapabilities Capabilities { get; } = new(
        [TaskKind.BinaryClassification, TaskKind.MulticlassClassification, TaskKind.Regression],
        HandlesMissing: true)
    {
        Sparse = true,
    };

    public IReadOnlyList<Hyperparameter> Hyperparameters => [];

    public ValueTask<IModel> TrainAsync(TrainingContext context, CancellationToken cancellationToken = default)
    {
        TrainingInput.Check(this, context);
        cancellationToken.ThrowIfCancellationRequested();
        var output = context.Task == TaskKind.Regression ? [TrainingInput.MeanLabel(context)] : Shares(context);
        var signature = new ModelSignature(context.Task, context.Features.Width, output.Length);
        return ValueTask.FromResult<IModel>(new BaselineModel(signature, output));
    }

    private static double[] Shares(TrainingContext context)
    {
        var sums = TrainingInput.ClassWeights(context);
        var total = sums.Sum();
        return context.Task == TaskKind.BinaryClassification ? [sums[1] / total] : Array.ConvertAll(sums, sum => sum / total);
    }
}
