using Microsoft.ML;
using MlOps.Sdk.Features;
using MlOps.Sdk.MLNet;

namespace MlOps.Sdk;

/// <summary>Estimators of ML.NET as feature transforms.</summary>
public static class MicrosoftMLFeatureExtensions
{
    /// <summary>
    /// Makes features with an estimator of ML.NET, or a chain of them, fitted inside each fold. Numbers, integers and booleans are read as
    /// <see cref="float"/> (missing is NaN), texts as texts (missing is empty). More than 512 features are kept sparse.
    /// </summary>
    /// <param name="features">The builder.</param>
    /// <param name="name">The name, which the features' names begin with: <c>words.term</c>.</param>
    /// <param name="columns">The columns that the estimator reads; the label is not among them.</param>
    /// <param name="estimator">Makes the estimator; called on worker threads, once for each fit.</param>
    /// <param name="output">
    /// The column that becomes features: numbers, or vectors of numbers of one length. Default: those that the estimator's last step adds.
    /// </param>
    public static FeatureBuilder MicrosoftML(
        this FeatureBuilder features,
        string name,
        IEnumerable<string> columns,
        Func<MLContext, IEstimator<ITransformer>> estimator,
        string? output = null)
    {
        ArgumentNullException.ThrowIfNull(features);
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(columns);
        ArgumentNullException.ThrowIfNull(estimator);
        string[] read = [.. columns];
        if (read.Length == 0) throw new ArgumentException("The transform reads no column.", nameof(columns));
        foreach (var column in read) ArgumentException.ThrowIfNullOrWhiteSpace(column, nameof(columns));
        if (read.Distinct(StringComparer.Ordinal).Count() < read.Length)
        {
            throw new ArgumentException("A column is named twice.", nameof(columns));
        }
        return features.Apply(new EstimatorTransform(name, read, estimator, output));
    }
}
