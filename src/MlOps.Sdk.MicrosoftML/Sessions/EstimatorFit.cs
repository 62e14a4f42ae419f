using Microsoft.ML;
using MlOps.Sdk.Training;

namespace MlOps.Sdk.MLNet;

/// <summary>Fits estimators that others make: what they train with is not known before.</summary>
internal static class EstimatorFit
{
    /// <summary>Fits an estimator, in its turn where its trainers have to take turns.</summary>
    /// <param name="estimator">The estimator.</param>
    /// <param name="rows">What it is fitted on.</param>
    /// <param name="request">What is trained; <see langword="null"/> for a transform, which gets one thread.</param>
    /// <param name="cancellationToken">Ends the waiting, and trainers that ask nobody.</param>
    public static ITransformer Run(
        IEstimator<ITransformer> estimator, IDataView rows, TrainingRequest? request, CancellationToken cancellationToken)
    {
        var parts = EstimatorParts.Of(estimator);
        // Always in this order, so that no two wait for each other.
        using var trees = parts.MayTrainBehind(TrainingGate.FastTree) ? TrainingGate.FastTree.Enter(request, cancellationToken) : null;
        using var number = trees is null ? null : FastTreeLibrary.Use(request?.Threads ?? 1);
        using var boosting = parts.MayTrainBehind(TrainingGate.LightGbm) ? TrainingGate.LightGbm.Enter(request, cancellationToken) : null;
        var ends = parts.Additive.Select(trainer => new GamCancellation(trainer, cancellationToken)).ToArray();
        try
        {
            return estimator.Fit(rows);
        }
        finally
        {
            foreach (var end in ends) end.Dispose();
        }
    }
}
