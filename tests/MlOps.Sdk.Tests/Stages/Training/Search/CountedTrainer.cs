using MlOps.Sdk.Training;

namespace MlOps.Sdk.Tests.Training;

/// <summary>Trains like logistic regression, and says so before each training.</summary>
internal sealed class CountedTrainer : ITrainer
{
    private static readonly ITrainer s_inner = Trainers.LogisticRegression();

    /// <summary>Called before each training, with their number. Not of the instance, whose state decides what is taken over.</summary>
    public static Action<int> BeforeTraining { get; set; } = _ => { };

    public static int Trainings { get; set; }

    public string Name => "counted";

    public string Version => "1";

    public TrainerCapabilities Capabilities => s_inner.Capabilities;

    public IReadOnlyList<Hyperparameter> Hyperparameters => s_inner.Hyperparameters;

    public ValueTask<IModel> TrainAsync(TrainingContext context, CancellationToken cancellationToken = default)
    {
        BeforeTraining(++Trainings);
        cancellationToken.ThrowIfCancellationRequested();
        return s_inner.TrainAsync(context, cancellationToken);
    }
}
