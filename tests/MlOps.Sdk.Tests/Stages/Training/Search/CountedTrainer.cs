using MlOps.Sdk.Execution;
using MlOps.Sdk.Training;

namespace MlOps.Sdk.Tests.Training;

/// <summary>Trains like logistic regression, and says so before each training.</summary>
internal sealed class CountedTrainer(TrainingWatch watch) : ITrainer
{
    private readonly ITrainer _inner = Trainers.LogisticRegression();

    // It decides no result.
    [NotInFingerprint]
    private readonly TrainingWatch _watch = watch;

    public string Name => "counted";

    public string Version => "1";

    public TrainerCapabilities Capabilities => _inner.Capabilities;

    public IReadOnlyList<Hyperparameter> Hyperparameters => _inner.Hyperparameters;

    public ValueTask<IModel> TrainAsync(TrainingContext context, CancellationToken cancellationToken = default)
    {
        _watch.BeforeTraining(++_watch.Trainings);
        cancellationToken.ThrowIfCancellationRequested();
        return _inner.TrainAsync(context, cancellationToken);
    }
}
