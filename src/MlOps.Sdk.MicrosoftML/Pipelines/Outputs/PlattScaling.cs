namespace MlOps.Sdk.MLNet;

/// <summary>
/// Turns a margin into a probability: <c>1 / (1 + exp(slope × margin + intercept))</c> (Platt 1999), fitted by Newton's method with
/// backtracking (Lin, Lin and Weng 2007).
/// </summary>
/// <param name="Slope">The slope; negative where a larger margin means a larger probability.</param>
/// <param name="Intercept">The intercept.</param>
internal readonly record struct PlattScaling(double Slope, double Intercept)
{
    private const int MostIterations = 100;
    private const double SmallestStep = 1e-10;
    private const double Ridge = 1e-12;
    private const double Tolerance = 1e-9;

    /// <summary>Whether both numbers are finite.</summary>
    public bool IsFinite() => double.IsFinite(Slope) && double.IsFinite(Intercept);

    /// <summary>The probability that belongs to a margin.</summary>
    public double Probability(double margin)
    {
        var x = Slope * margin + Intercept;
        if (x < 0) return 1 / (1 + Math.Exp(x));
        var small = Math.Exp(-x);
        return small / (1 + small);
    }

    /// <summary>Fits the scaling to margins of rows that the model was not trained on.</summary>
    /// <param name="margins">The margins, finite.</param>
    /// <param name="isPositive">Whether the row is of the class.</param>
    /// <param name="weights">The weight of each row; empty when all weigh the same.</param>
    public static PlattScaling Fit(ReadOnlySpan<double> margins, ReadOnlySpan<bool> isPositive, ReadOnlySpan<double> weights)
    {
        // Targets a little away from 0 and 1, as with a uniform prior, so that classes that are apart do not give infinite slopes.
        double positive = 0, negative = 0;
        for (var i = 0; i < margins.Length; i++)
        {
            var weight = weights.IsEmpty ? 1 : weights[i];
            if (isPositive[i]) positive += weight;
            else negative += weight;
        }

        var (high, low) = ((positive + 1) / (positive + 2), 1 / (negative + 2));

        // In units of their spread, so that the tolerances mean the same for any model.
        var unit = 0.0;
        foreach (var margin in margins) unit = Math.Max(unit, Math.Abs(margin));
        if (unit == 0) unit = 1;
        var scaling = new PlattScaling(0, Math.Log((negative + 1) / (positive + 1)));
        var loss = Loss(scaling, margins, isPositive, weights, unit, high, low);
        for (var iteration = 0; iteration < MostIterations; iteration++)
        {
            double h11 = Ridge, h22 = Ridge, h21 = 0, g1 = 0, g2 = 0;
            for (var i = 0; i < margins.Length; i++)
            {
                var weight = weights.IsEmpty ? 1 : weights[i];
                var margin = margins[i] / unit;
                var p = scaling.Probability(margin);
                var d2 = weight * p * (1 - p);
                var d1 = weight * ((isPositive[i] ? high : low) - p);
                h11 += margin * margin * d2;
                h22 += d2;
                h21 += margin * d2;
                g1 += margin * d1;
                g2 += d1;
            }

            if (Math.Abs(g1) < Tolerance && Math.Abs(g2) < Tolerance) break;
            var determinant = h11 * h22 - h21 * h21;
            var (d, e) = (-(h22 * g1 - h21 * g2) / determinant, -(h11 * g2 - h21 * g1) / determinant);
            var gradient = g1 * d + g2 * e;
            var step = 1.0;
            while (step >= SmallestStep)
            {
                var next = new PlattScaling(scaling.Slope + step * d, scaling.Intercept + step * e);
                var nextLoss = Loss(next, margins, isPositive, weights, unit, high, low);
                if (nextLoss < loss + 1e-4 * step * gradient)
                {
                    (scaling, loss) = (next, nextLoss);
                    break;
                }

                step /= 2;
            }

            if (step < SmallestStep) break;
        }

        return scaling with { Slope = scaling.Slope / unit };
    }

    private static double Loss(
        PlattScaling scaling,
        ReadOnlySpan<double> margins,
        ReadOnlySpan<bool> isPositive,
        ReadOnlySpan<double> weights,
        double unit,
        double high,
        double low)
    {
        var loss = 0.0;
        for (var i = 0; i < margins.Length; i++)
        {
            var x = scaling.Slope * (margins[i] / unit) + scaling.Intercept;
            var target = isPositive[i] ? high : low;
            var ofRow = x >= 0 ? target * x + Math.Log(1 + Math.Exp(-x)) : (target - 1) * x + Math.Log(1 + Math.Exp(x));
            loss += ofRow * (weights.IsEmpty ? 1 : weights[i]);
        }

        return loss;
    }
}
