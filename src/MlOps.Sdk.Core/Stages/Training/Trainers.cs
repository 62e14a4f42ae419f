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
    /// intercepts are not penalised. Hyperparameter <c>l2</c>: 1e-4 to 1e4, default 1. Rejects missing features.
    /// </summary>
    /// <remarks>
    /// The penalty applies to the coefficients as given, so features should be of like scale. scikit-learn's <c>C</c> is 1 / l2.
    /// </remarks>
    /// <param name="configure">Sets the options.</param>
    /// <exception cref="MlOpsException">An option is out of its range.</exception>
    public static ITrainer LogisticRegression(Action<LogisticRegressionOptions>? configure = null) =>
        new LogisticRegressionTrainer(Configured(configure));

    /// <summary>
    /// Linear regression with a ridge penalty (name <c>linear-regression</c>). Minimises Σ weight · (y − prediction)² + l2 · ‖β‖²; the
    /// intercept is not penalised. Hyperparameter <c>l2</c>: 0 to 1e9, default 1. Rejects missing features.
    /// </summary>
    /// <param name="configure">Sets the options.</param>
    /// <exception cref="MlOpsException">An option is out of its range.</exception>
    public static ITrainer LinearRegression(Action<LinearRegressionOptions>? configure = null) =>
        new LinearRegressionTrainer(Configured(configure));

    /// <summary>
    /// Gradient boosted trees on histograms (name <c>gradient-boosting</c>), for every task. Missing features are understood: each
    /// split learns the side they go to. Stops early where <see cref="TrainingBuilder.StopEarly"/> gives it rows to see when.
    /// </summary>
    /// <param name="configure">Sets the options; they are the hyperparameters, see <see cref="GradientBoosting"/>.</param>
    /// <exception cref="MlOpsException">An option is out of its range.</exception>
    public static ITrainer GradientBoosting(Action<GradientBoostingOptions>? configure = null) =>
        new GradientBoostingTrainer(Configured(configure));

    private static TOptions Configured<TOptions>(Action<TOptions>? configure)
        where TOptions : new()
    {
        var options = new TOptions();
        configure?.Invoke(options);
        return options;
    }
}
