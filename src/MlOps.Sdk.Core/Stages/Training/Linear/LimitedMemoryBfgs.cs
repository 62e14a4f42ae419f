namespace MlOps.Sdk.Training;

/// <summary>L-BFGS (Liu and Nocedal 1989) with a backtracking line search, for smooth convex objectives.</summary>
internal static class LimitedMemoryBfgs
{
    private const int Memory = 20;
    private const int MostIterations = 2000;
    private const int MostHalvings = 40;

    /// <summary>Minimises the objective, starting at and ending in the parameters.</summary>
    /// <returns>Whether the gradient vanished to the tolerance, or as far as rounding allows.</returns>
    public static bool Minimize(Func<double[], double[], double> objective, double[] parameters, double tolerance)
    {
        var size = parameters.Length;
        var gradient = new double[size];
        var value = objective(parameters, gradient);
        var pairs = new List<(double[] Step, double[] Change, double Curvature)>(Memory);
        for (var iteration = 0; iteration < MostIterations; iteration++)
        {
            if (Vectors.LargestMagnitude(gradient) <= tolerance) return true;
            var direction = Direction(gradient, pairs);
            var slope = Vectors.Dot(direction, gradient);
            if (slope >= 0)
            {
                pairs.Clear();
                direction = Array.ConvertAll(gradient, g => -g);
                slope = Vectors.Dot(direction, gradient);
            }

            var step = pairs.Count == 0 ? Math.Min(1, 1 / Vectors.LargestMagnitude(gradient)) : 1;
            if (!TryStep(objective, parameters, value, slope, direction, step, out var next, out var nextGradient, out var nextValue))
            {
                // Rounding hides any further descent along this direction; once again from scratch tells whether along any.
                if (pairs.Count == 0) return true;
                pairs.Clear();
                continue;
            }

            var moved = Difference(next, parameters);
            var change = Difference(nextGradient, gradient);
            var curvature = Vectors.Dot(moved, change);
            if (curvature > 1e-14 * Vectors.Dot(change, change))
            {
                if (pairs.Count == Memory) pairs.RemoveAt(0);
                pairs.Add((moved, change, curvature));
            }

            next.CopyTo(parameters, 0);
            gradient = nextGradient;
            value = nextValue;
        }

        return false;
    }

    private static bool TryStep(
        Func<double[], double[], double> objective,
        double[] parameters,
        double value,
        double slope,
        double[] direction,
        double step,
        out double[] next,
        out double[] gradient,
        out double nextValue)
    {
        next = new double[parameters.Length];
        gradient = new double[parameters.Length];
        nextValue = value;
        for (var halving = 0; halving < MostHalvings; halving++, step /= 2)
        {
            parameters.CopyTo(next, 0);
            Vectors.AddScaled(direction, step, next);
            nextValue = objective(next, gradient);
            if (nextValue <= value + 1e-4 * step * slope) return true;
            // Near the minimum the values agree to the last digits, and only the slope tells descent (Hager and Zhang 2005).
            if (nextValue <= value + 1e-13 * Math.Abs(value) && Math.Abs(Vectors.Dot(gradient, direction)) <= 0.9 * Math.Abs(slope))
            {
                return true;
            }
        }

        return false;
    }

    private static double[] Direction(double[] gradient, List<(double[] Step, double[] Change, double Curvature)> pairs)
    {
        var direction = Array.ConvertAll(gradient, g => -g);
        Span<double> factors = stackalloc double[Memory];
        for (var i = pairs.Count - 1; i >= 0; i--)
        {
            factors[i] = Vectors.Dot(pairs[i].Step, direction) / pairs[i].Curvature;
            Vectors.AddScaled(pairs[i].Change, -factors[i], direction);
        }

        if (pairs.Count > 0)
        {
            var (_, change, curvature) = pairs[^1];
            var scale = curvature / Vectors.Dot(change, change);
            for (var j = 0; j < direction.Length; j++) direction[j] *= scale;
        }

        for (var i = 0; i < pairs.Count; i++)
        {
            var factor = Vectors.Dot(pairs[i].Change, direction) / pairs[i].Curvature;
            Vectors.AddScaled(pairs[i].Step, factors[i] - factor, direction);
        }

        return direction;
    }

    private static double[] Difference(double[] a, double[] b)
    {
        var difference = (double[])a.Clone();
        Vectors.AddScaled(b, -1, difference);
        return difference;
    }
}
