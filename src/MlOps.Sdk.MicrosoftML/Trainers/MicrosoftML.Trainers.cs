using Microsoft.ML;
using MlOps.Sdk.MLNet;
using MlOps.Sdk.Problem;
using MlOps.Sdk.Training;

namespace MlOps.Sdk;

/// <content>The trainers.</content>
public static partial class MicrosoftML
{
    /// <summary>
    /// Gradient boosted trees of Microsoft.ML (name <c>fast-tree</c>), for two classes and regression. Rejects missing features: the
    /// library leaves such rows out. With validation rows (<see cref="TrainingBuilder.StopEarly"/>), the trees after the best one are
    /// dropped.
    /// </summary>
    /// <param name="configure">Sets the options; they are the hyperparameters, see <see cref="Sdk.FastTree"/>.</param>
    /// <exception cref="MlOpsException">An option is out of its range.</exception>
    public static ITrainer FastTree(Action<FastTreeOptions>? configure = null) => new FastTreeTrainer(Configured(configure));

    /// <summary>
    /// A random forest of Microsoft.ML (name <c>fast-forest</c>), for two classes and regression. Its scores become probabilities by Platt
    /// scaling on training rows that a model did not see. Rejects missing features: the library leaves such rows out.
    /// </summary>
    /// <param name="configure">Sets the options; they are the hyperparameters, see <see cref="Sdk.FastForest"/>.</param>
    /// <exception cref="MlOpsException">An option is out of its range.</exception>
    public static ITrainer FastForest(Action<FastForestOptions>? configure = null) => new FastForestTrainer(Configured(configure));

    /// <summary>
    /// A generalized additive model of Microsoft.ML (name <c>gam</c>), for two classes and regression: a step function per feature, which
    /// can be read. Rejects missing features: the library leaves such rows out. With validation rows, the rounds after the best one are
    /// dropped.
    /// </summary>
    /// <param name="configure">Sets the options; they are the hyperparameters, see <see cref="Sdk.Gam"/>.</param>
    /// <exception cref="MlOpsException">An option is out of its range.</exception>
    public static ITrainer Gam(Action<GamOptions>? configure = null) => new GamTrainer(Configured(configure));

    /// <summary>
    /// Linear models of Microsoft.ML by stochastic dual coordinate ascent (name <c>sdca</c>), for every task: logistic regression, maximum
    /// entropy, least squares. Always trains with one thread, as it is not deterministic with more. Rejects missing features.
    /// </summary>
    /// <param name="configure">Sets the options; they are the hyperparameters, see <see cref="Sdk.Sdca"/>.</param>
    /// <exception cref="MlOpsException">An option is out of its range.</exception>
    public static ITrainer Sdca(Action<SdcaOptions>? configure = null) => new SdcaTrainer(Configured(configure));

    /// <summary>
    /// Logistic regression of Microsoft.ML (name <c>lbfgs-logistic-regression</c>), for two and more classes, with an L1 and an L2 penalty.
    /// Deterministic: <see cref="LbfgsLogisticRegressionOptions.Threads"/> is part of the model. Rejects missing features.
    /// </summary>
    /// <param name="configure">Sets the options; they are the hyperparameters, see <see cref="Sdk.LbfgsLogisticRegression"/>.</param>
    /// <exception cref="MlOpsException">An option is out of its range.</exception>
    public static ITrainer LbfgsLogisticRegression(Action<LbfgsLogisticRegressionOptions>? configure = null) =>
        new LbfgsLogisticRegressionTrainer(Configured(configure));

    /// <summary>
    /// Poisson regression of Microsoft.ML (name <c>lbfgs-poisson-regression</c>), for labels that are counts: 0 or more.
    /// Deterministic: <see cref="LbfgsPoissonRegressionOptions.Threads"/> is part of the model. Rejects missing features.
    /// </summary>
    /// <param name="configure">Sets the options; they are the hyperparameters, see <see cref="Sdk.LbfgsPoissonRegression"/>.</param>
    /// <exception cref="MlOpsException">An option is out of its range.</exception>
    public static ITrainer LbfgsPoissonRegression(Action<LbfgsPoissonRegressionOptions>? configure = null) =>
        new LbfgsPoissonRegressionTrainer(Configured(configure));

    /// <summary>
    /// The averaged perceptron of Microsoft.ML (name <c>averaged-perceptron</c>), for two classes. Its margins become probabilities by
    /// Platt scaling on training rows that a model did not see. Takes no weights. Rejects missing features.
    /// </summary>
    /// <param name="configure">Sets the options; they are the hyperparameters, see <see cref="Sdk.AveragedPerceptron"/>.</param>
    /// <exception cref="MlOpsException">An option is out of its range.</exception>
    public static ITrainer AveragedPerceptron(Action<AveragedPerceptronOptions>? configure = null) =>
        new AveragedPerceptronTrainer(Configured(configure));

    /// <summary>
    /// The linear support vector machine of Microsoft.ML (name <c>linear-svm</c>), for two classes. Its margins become probabilities by
    /// Platt scaling on training rows that a model did not see. Rejects missing features.
    /// </summary>
    /// <param name="configure">Sets the options; they are the hyperparameters, see <see cref="Sdk.LinearSvm"/>.</param>
    /// <exception cref="MlOpsException">An option is out of its range.</exception>
    public static ITrainer LinearSvm(Action<LinearSvmOptions>? configure = null) => new LinearSvmTrainer(Configured(configure));

    /// <summary>
    /// Any estimator of ML.NET as a trainer: it reads features, label and weights, and writes <c>Probability</c> or <c>Score</c>, as
    /// ML.NET's trainers do. Scores that are not probabilities are calibrated on training rows that a model did not see. What it trains is
    /// served without the library where the core can compute it, else by the library, from as many threads as there are callers; then the
    /// workspace needs <c>UseMicrosoftML</c>. Solves every task that the estimator solves, gets
    /// one thread in a search, and rejects missing features: most of the library's trainers leave such rows out without an error.
    /// </summary>
    /// <param name="name">The name shown and stored.</param>
    /// <param name="version">The version of what <paramref name="estimator"/> does; changing it makes earlier results stale.</param>
    /// <param name="estimator">
    /// Makes the estimator: a trainer, or a chain that ends with one. Called several times, on worker threads.
    /// </param>
    /// <param name="hyperparameters">What a search may vary; the values are in the settings.</param>
    public static ITrainer Trainer(
        string name,
        string version,
        Func<MLContext, TrainerSettings, IEstimator<ITransformer>> estimator,
        params Hyperparameter[] hyperparameters) => Trainer(
            name,
            version,
            new TrainerCapabilities(Enum.GetValues<TaskKind>()) { Determinism = Determinism.OneThread, Sparse = true },
            estimator,
            hyperparameters);

    /// <summary>
    /// Any estimator of ML.NET as a trainer, with what it can do. See
    /// <see cref="Trainer(string, string, Func{MLContext, TrainerSettings, IEstimator{ITransformer}}, Hyperparameter[])"/>.
    /// </summary>
    /// <param name="name">The name shown and stored.</param>
    /// <param name="version">The version of what <paramref name="estimator"/> does; changing it makes earlier results stale.</param>
    /// <param name="capabilities">What it can do, and what it needs.</param>
    /// <param name="estimator">
    /// Makes the estimator: a trainer, or a chain that ends with one. Called several times, on worker threads.
    /// </param>
    /// <param name="hyperparameters">What a search may vary; the values are in the settings.</param>
    public static ITrainer Trainer(
        string name,
        string version,
        TrainerCapabilities capabilities,
        Func<MLContext, TrainerSettings, IEstimator<ITransformer>> estimator,
        params Hyperparameter[] hyperparameters)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentException.ThrowIfNullOrWhiteSpace(version);
        ArgumentNullException.ThrowIfNull(capabilities);
        ArgumentNullException.ThrowIfNull(estimator);
        ArgumentNullException.ThrowIfNull(hyperparameters);
        return new EstimatorTrainer(name, version, capabilities, estimator, Distinct(hyperparameters));
    }

    private static Hyperparameter[] Distinct(Hyperparameter[] hyperparameters)
    {
        var repeated = hyperparameters.GroupBy(parameter => parameter.Name).FirstOrDefault(group => group.Count() > 1);
        if (repeated is not null)
        {
            throw new ArgumentException($"The hyperparameter '{repeated.Key}' is named twice.", nameof(hyperparameters));
        }
        return [.. hyperparameters];
    }

    internal static TOptions Configured<TOptions>(Action<TOptions>? configure)
        where TOptions : new()
    {
        var options = new TOptions();
        configure?.Invoke(options);
        return options;
    }
}
