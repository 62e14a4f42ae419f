using MlOps.Sdk.Features;

namespace MlOps.Sdk;

/// <summary>The feature transforms that come with the library.</summary>
public static class FeatureExtensions
{
    /// <summary>
    /// Chooses a transform for every column by its type: numbers and timestamps are imputed with the median (with an indicator where
    /// values were missing) and standardized, booleans become 0 and 1, text is one-hot encoded. The label, observed columns, constant
    /// columns and text that is nearly unique are left out; the run says which and why.
    /// </summary>
    /// <param name="features">The builder.</param>
    /// <param name="except">Columns to leave to other transforms, or out.</param>
    /// <param name="maxLevels">One-hot features of a column at most; rarer levels share the unknown slot. Default: 100.</param>
    public static FeatureBuilder Auto(this FeatureBuilder features, IEnumerable<string>? except = null, int maxLevels = 100)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxLevels, 1);
        return features.Apply(new AutoTransform([.. except ?? []], maxLevels));
    }

    /// <summary>
    /// Numbers, booleans (0, 1) and timestamps (seconds): missing values are imputed, with an indicator feature where
    /// training had any, then standardized.
    /// </summary>
    /// <param name="features">The builder.</param>
    /// <param name="columns">The columns.</param>
    /// <param name="imputation">What stands in for a missing value. Default: the median.</param>
    /// <param name="standardize">Whether to subtract the mean and divide by the population standard deviation. Default: yes.</param>
    public static FeatureBuilder Numeric(
        this FeatureBuilder features, IEnumerable<string> columns, Imputation imputation = Imputation.Median, bool standardize = true) =>
        features.Apply(new NumericTransform(Named(columns), imputation, standardize));

    /// <summary>
    /// A feature per level seen in training, one for missing where training had any, and one for every other value. More than 1,024
    /// features are sparse.
    /// </summary>
    /// <param name="features">The builder.</param>
    /// <param name="columns">Columns of text, booleans or numbers with few values.</param>
    /// <param name="maxLevels">Features of a column at most; the most frequent levels are kept. Default: 100.</param>
    public static FeatureBuilder OneHot(this FeatureBuilder features, IEnumerable<string> columns, int maxLevels = 100)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxLevels, 1);
        return features.Apply(new OneHotTransform(Named(columns), maxLevels));
    }

    private static string[] Named(IEnumerable<string> columns)
    {
        string[] named = [.. columns];
        if (named.Length == 0) throw new ArgumentException("Name at least one column.", nameof(columns));
        return named;
    }
}
