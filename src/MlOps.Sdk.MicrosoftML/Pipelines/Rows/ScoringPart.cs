using System.Reflection;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace MlOps.Sdk.MLNet;

/// <summary>
/// What of a fitted pipeline is used when it scores. A chain leaves steps of other scopes out when it transforms a view, yet not
/// when it maps a row: both read what is left here.
/// </summary>
internal static class ScoringPart
{
    /// <summary>The transformer without the steps that only training has.</summary>
    public static ITransformer Of(ITransformer fitted)
    {
        var type = fitted.GetType();
        if (!type.IsGenericType || type.GetGenericTypeDefinition() != typeof(TransformerChain<>)) return fitted;
        var method = type.GetMethod(nameof(TransformerChain<ITransformer>.GetModelFor), BindingFlags.Instance | BindingFlags.Public)!;
        return (ITransformer)method.Invoke(fitted, [TransformerScope.Scoring])!;
    }
}
