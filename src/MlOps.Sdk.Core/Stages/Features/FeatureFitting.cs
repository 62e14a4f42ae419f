using Microsoft.Extensions.Logging;
using MlOps.Sdk.Data;
using MlOps.Sdk.Plugins;
using MlOps.Sdk.Problem;
using MlOps.Sdk.Processing;

namespace MlOps.Sdk.Features;

/// <summary>Fits transforms on rows, which are all that they see: the training rows, or those of a fold.</summary>
internal static class FeatureFitting
{
    public static async Task<FeatureGraph> FitAsync(
        IReadOnlyList<IFeatureTransform> transforms,
        FeaturePlan plan,
        ProblemDefinition problem,
        Schema raw,
        IReadOnlyList<IRowProcessor> steps,
        Dataset rows,
        int seed,
        ILogger logger,
        CancellationToken cancellationToken)
    {
        var context = new FitContext(problem, rows, plan.Observed, plan.Weight, seed, logger);
        var fitted = new List<IFittedTransform>(transforms.Count);
        try
        {
            foreach (var transform in transforms)
            {
                using var call = PluginCalls.Enter("feature transform", transform.GetType().Name);
                fitted.Add(await transform.FitAsync(context, cancellationToken).ConfigureAwait(false));
            }
            if (fitted.SelectMany(f => f.Inputs).FirstOrDefault(field => field.Name == problem.Label) is { } leak)
            {
                throw new MlOpsException(
                    $"A feature transform reads the label '{leak.Name}'.",
                    "Remove the label from the features: the model would learn to repeat it.") { Column = leak.Name };
            }
            return FeatureGraph.Create(raw, problem.Label, steps, fitted, plan.Observed, plan.Recorded);
        }
        catch
        {
            FeatureGraph.DisposeAll(fitted);
            throw;
        }
    }
}
