using MlOps.Sdk.Problem;

namespace MlOps.Sdk.Training;

/// <summary>
/// Logistic regression, binary and multinomial, with an L2 penalty: minimises Σ w·log-loss + ½·l2·‖β‖² (scikit-learn's with C = 1/l2), run
/// until the gradient vanishes. Newton's method for two classes and few features, L-BFGS otherwise.
/// </summary>
internal sealed class LogisticRegressionTrainer : ITrainer
{
    private const int WidestNewton = 128;

    private readonly LogisticRegressionOptions _options;

    public LogisticRegressionTrainer(LogisticRegressionOptions options)
    {
        _options = options;
        Hyperparameters = Hyperparameter.ListOf(options);
    }

    public string Name => "logistic-regression";

    public string Version => "1";

    public TrainerCapabilities Capabilities { get; } = new([TaskKind.BinaryClassification, TaskKind.MulticlassClassification])
    {
        NeedsScaling = true,
        Sparse = true,
    };

    public IReadOnlyList<Hyperparameter> Hyperparameters { get; }

    public async ValueTask<IModel> TrainAsync(TrainingContext context, CancellationToken cancellationToken = default)
    {
        TrainingInput.Check(this, context);
        TrainingInput.RequireTwoClasses(this, TrainingInput.ClassWeights(context));
        return await Task.Run(() => Train(context, cancellationToken), cancellationToken).ConfigureAwait(false);
    }

    private LinearModel Train(TrainingContext context, CancellationToken cancellationToken)
    {
        var l2 = context.Options(_options).L2;
        // A row counts at most for a quarter of its square.
        var columns = new CentredColumns(context, 4 * l2, cancellationToken);
        var objective = new LogisticObjective(context, columns, l2, cancellationToken);
        var width = columns.Width;
        var outputs = objective.Size / (width + 1);
        var parameters = new double[objective.Size];
        var isSolved = outputs == 1
            && width <= WidestNewton
            && columns.Sparse is null
            && NewtonSolver.TryMinimize(objective, parameters, 1e-11 * objective.TotalWeight);
        if (!isSolved
            && !LimitedMemoryBfgs.Minimize((at, gradient) => objective.Evaluate(at, gradient), parameters, 1e-11 * objective.TotalWeight))
        {
            TrainingLog.NotConverged(context.Logger);
        }

        var coefficients = new double[outputs * width];
        var intercepts = new double[outputs];
        for (var k = 0; k < outputs; k++)
        {
            var of = coefficients.AsSpan(k * width, width);
            parameters.AsSpan(k * (width + 1), width).CopyTo(of);
            intercepts[k] = parameters[k * (width + 1) + width] - columns.Restore(of);
        }

        return new LinearModel(new ModelSignature(context.Task, width, outputs), coefficients, intercepts);
    }
}
