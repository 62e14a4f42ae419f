using MlOps.Sdk.Features;
using MlOps.Sdk.Problem;

namespace MlOps.Sdk.Training;

/// <summary>What a trainer learns from. Immutable.</summary>
public sealed class TrainingContext : TrainingRequest
{
    /// <summary>The features of the training rows.</summary>
    public required FeatureMatrix Features { get; init; }

    /// <summary>
    /// Rows by which a trainer may see when to stop, cut from the training rows; <see langword="null"/> when there are none, or the trainer
    /// does not take them.
    /// </summary>
    public ValidationRows? Validation { get; init; }

    /// <summary>
    /// Rejects what a trainer of these capabilities cannot learn from, with the messages of the built-in trainers: another task, no rows or
    /// features, labels and weights that are none, values of hyperparameters that are not allowed, and missing or sparse features that it
    /// does not understand. Trainers call it first.
    /// </summary>
    /// <param name="trainer">The trainer.</param>
    /// <exception cref="MlOpsException">The rows or settings are rejected.</exception>
    /// <exception cref="ArgumentException">The parts of this context do not fit each other.</exception>
    public void Check(ITrainer trainer)
    {
        ArgumentNullException.ThrowIfNull(trainer);
        TrainingInput.Check(trainer, this);
    }

    /// <summary>
    /// Rejects labels of a single class, from which a classifier has nothing to learn; called after <see cref="Check"/>.
    /// </summary>
    /// <param name="trainer">The trainer.</param>
    /// <exception cref="MlOpsException">All rows are of one class.</exception>
    public void CheckClasses(ITrainer trainer)
    {
        ArgumentNullException.ThrowIfNull(trainer);
        if (Task != TaskKind.Regression) TrainingInput.RequireTwoClasses(trainer, TrainingInput.ClassWeights(this));
    }
}
