using MlOps.Sdk.Training;

namespace MlOps.Sdk;

/// <summary>
/// The trainers that come with the library. All are deterministic: the same rows, settings and seed give the same
/// model, for any number of threads.
/// </summary>
public static class Trainers
{
    /// <summary>
    /// Predicts every class's share, or the mean, and reads no feature (name <c>baseline</c>): what any other model has to beat.
    /// Solves every task; has no hyperparameters.
    /// </summary>
    public static ITrainer Baseline() => new BaselineTrainer();

    /// <summary>
    /// Logistic regression, binary and multinomial (name <c>logistic-regression</c>). Minimises Σ weight · log-loss + ½ · l2 · ‖β‖²; the
    /// intercepts are not penalised. Hyperparameter <c>l2</c>: 1e-4 to 1e4, default 1. Refuses missing features.
    /// </summary>
    /// <remarks>
    /// The penalty applies to the coefficients as given, so features should be of like scale. scikit-learn's <c>C</c> is 1 / l2.
    /// </remarks>
    public static ITrainer LogisticRegression() => new LogisticRegressionTrainer();

    /// <summary>
    /// Linear regression with a ridge penalty (name <c>linear-regression</c>). Minimises Σ weight · (y − prediction)² + l2 · ‖β‖²; the
    /// intercept is not penalised. Hyperparameter <c>l2</c>: 0 to 1e9, default 1. Refuses missing features.
    /// </summary>
    public static ITrainer LinearRegression() => new LinearRegressionTrainer();

    /// <summary>
    /// Gradient boosted trees on histograms (name <c>gradient-boosting</c>), for every task. Missing features are understood: each
    /// split learns the side they go to.
    /// </summary>
    /// <remarks>
    /// Hyperparameters, with bounds and default:
    /// <list type="bullet">
    /// <item><c>trees</c>: rounds, a tree per class each; 1 to 10,000, 100.</item>
    /// <item><c>learningRate</c>: what part of a tree's step is taken; 0.0001 to 1, 0.1.</item>
    /// <item><c>leaves</c>: leaves of a tree at most; 2 to 4096, 31.</item>
    /// <item><c>minLeafRows</c>: rows of a leaf at least; 1 to 1,000,000, 20.</item>
    /// <item><c>l2</c>: penalty on leaf values; 0 to 1e6, 1.</item>
    /// <item><c>maxBins</c>: bins of a feature at most; 2 to 255, 255.</item>
    /// <item><c>rowFraction</c>: part of the rows drawn for each round; 0.01 to 1, 1.</item>
    /// <item><c>featureFraction</c>: part of the features drawn for each tree; 0.01 to 1, 1.</item>
    /// <item><c>minGain</c>: how far a split must lower the loss, without the factor ½; 0 to 1e9, 0.</item>
    /// <item><c>maxDepth</c>: splits from the root to a leaf at most; 0 to 64, 0 for no bound.</item>
    /// </list>
    /// </remarks>
    public static ITrainer GradientBoosting() => new GradientBoostingTrainer();
}
