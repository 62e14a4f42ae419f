using MlOps.Sdk.Problem;
using MlOps.Sdk.Training;

namespace MlOps.Sdk.Tests.Training;

/// <summary>A trainer that does something else than to train.</summary>
internal sealed class FailingTrainer(Func<CancellationToken, Task> act, string name = "failing") : ITrainer
{
    public string Name => name;

    public string Version => "1";

    public TrainerCapabilities Capabilities { get; } = new([TaskKind.BinaryClassification, TaskKind.Regression]);

    public IReadOnlyList<Hyperparameter> Hyperparameters => [];

    public async ValueTask<IModel> TrainAsync(TrainingContext context, CancellationToken cancellationToken = default)
    {
        await act(cancellationToken);
        throw new InvalidOperationException("The disk is full.");
    }
}
