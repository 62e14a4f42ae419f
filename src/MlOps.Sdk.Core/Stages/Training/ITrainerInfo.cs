namespace MlOps.Sdk.Training;

/// <summary>What a learning algorithm is, and what can be set.</summary>
public interface ITrainerInfo
{
    /// <summary>The name shown and stored, for example <c>gradient-boosting</c>.</summary>
    string Name { get; }

    /// <summary>The version of the algorithm; changing it makes earlier results stale.</summary>
    string Version { get; }

    /// <summary>What the trainer can do.</summary>
    TrainerCapabilities Capabilities { get; }

    /// <summary>The settings that a search may vary.</summary>
    IReadOnlyList<Hyperparameter> Hyperparameters { get; }

    /// <summary>
    /// The format ids of its models that need a registered reader. A workspace without one is rejected before anything is trained, rather
    /// than when the winner is packaged. Default: none.
    /// </summary>
    IReadOnlyList<string> FormatIds => [];
}
