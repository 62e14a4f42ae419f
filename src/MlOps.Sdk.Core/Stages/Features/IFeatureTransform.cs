namespace MlOps.Sdk.Features;

/// <summary>Something that learns from training rows how to turn columns into features. Implementations are thread-safe.</summary>
public interface IFeatureTransform
{
    /// <summary>The columns that are read; empty for a transform that chooses when it sees the rows.</summary>
    IReadOnlyList<string> Inputs { get; }

    /// <summary>Learns from the training rows.</summary>
    /// <param name="context">The rows, the problem and the seed.</param>
    /// <param name="cancellationToken">Cancels the learning.</param>
    /// <exception cref="MlOpsException">The columns do not exist or have a type that the transform cannot read.</exception>
    ValueTask<IFittedTransform> FitAsync(IFitContext context, CancellationToken cancellationToken = default);
}
