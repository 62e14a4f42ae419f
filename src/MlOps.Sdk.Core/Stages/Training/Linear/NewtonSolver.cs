namespace MlOps.Sdk.Training;

/// <summary>
/// Newton's method with step halving (iteratively reweighted least squares) for logistic regression with two classes and few features.
/// </summary>
internal static class NewtonSolver
{
    private const int MostIterations = 50;

    /// <summary>Minimises the objective, starting at and ending in the parameters.</summary>
    /// <returns>Whether the gradient vanished to the tolerance.</returns>
    public static bool TryMinimize(LogisticObjective objective, double[] parameters, double tolerance)
    {
        var size = objective.Size;
        var gradient = new double[size];
        var hessian = new double[size * size];
        var trial = new double[size];
        var value = objective.Evaluate(parameters, gradient, hessian);
        for (var iteration = 0; iteration < MostIterations; iteration++)
        {
            if (Vectors.LargestMagnitude(gradient) <= tolerance) return true;
            if (!Cholesky.TryFactor(hessian, size)) return false;
            Cholesky.Solve(hessian, size, gradient);
            var step = 1.0;
            while (true)
            {
                parameters.CopyTo(trial, 0);
                Vectors.AddScaled(gradient, -step, trial);
                // The direction is needed again when the step is halved, so the trial's gradient goes elsewhere.
                var trialGradient = new double[size];
                var trialValue = objective.Evaluate(trial, trialGradient, hessian);
                if (trialValue <= value + 1e-12 * Math.Abs(value))
                {
                    value = trialValue;
                    trial.CopyTo(parameters, 0);
                    gradient = trialGradient;
                    break;
                }

                step /= 2;
                if (step < 1e-6) return false;
            }
        }

        return false;
    }
}
