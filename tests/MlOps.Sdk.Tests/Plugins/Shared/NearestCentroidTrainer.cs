using MlOps.Sdk.Problem;
using MlOps.Sdk.Training;

namespace MlOps.Sdk.Tests.Plugins;

/// <summary>A trainer of a team's own: a class is the nearer, the nearer the mean of its rows is.</summary>
public sealed class NearestCentroidTrainer : ITrainer
{
    private static readonly NumberHyperparameter Sharpness = new("sharpness", 1, 0.01, 100);

    public string Name => "nearest-centroid";

    public string Version => "1";

    public TrainerCapabilities Capabilities { get; } = new([TaskKind.BinaryClassification, TaskKind.MulticlassClassification])
    {
        Weights = false,
    };

    public IReadOnlyList<Hyperparameter> Hyperparameters { get; } = [Sharpness];

    public ValueTask<IModel> TrainAsync(TrainingContext context, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (!Capabilities.Tasks.Contains(context.Task))
        {
            throw new MlOpsException($"'{Name}' does not solve {context.Task}.", "Choose a trainer of regression.");
        }
        var sharpness = context.Setting(Sharpness).AsNumber();
        var width = context.Features.Width;
        var labels = context.Labels.Span;
        var counts = new double[context.ClassCount];
        var centroids = new double[context.ClassCount * width];
        foreach (var label in labels) counts[(int)label]++;
        if (counts.Contains(0)) throw new MlOpsException("A class has no rows.", "Collect rows of every class.");
        for (var slot = 0; slot < width; slot++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var column = context.Features.Column(slot);
            for (var row = 0; row < column.Length; row++)
            {
                if (!float.IsFinite(column[row]))
                {
                    throw new MlOpsException(
                        $"The feature '{context.Features.Slots[slot].Name}' is missing in a row.",
                        "Fill missing values in EngineerFeatures.");
                }
                centroids[(int)labels[row] * width + slot] += column[row] / counts[(int)labels[row]];
            }
        }

        return ValueTask.FromResult<IModel>(new NearestCentroidModel(context.Task, context.ClassCount, width, sharpness, centroids));
    }
}
