namespace MlOps.Sdk.Training;

/// <summary>
/// Finds the best split of a leaf in its histogram: the gain of Chen and Guestrin (2016, formula 7) without its factor ½,
/// missing values tried on either side.
/// </summary>
internal readonly struct SplitSearch
{
    /// <summary>The least sum of hessians on either side; below it a leaf's value would be noise.</summary>
    private const double LeastHessian = 1e-3;

    private readonly double _gradientUnit;
    private readonly double _hessianUnit;
    private readonly double _l2;
    private readonly double _minGain;
    private readonly int _minRows;

    public SplitSearch(PackedGradients gradients, GradientBoostingOptions settings)
    {
        _gradientUnit = gradients.GradientUnit;
        _hessianUnit = gradients.HessianUnit;
        _l2 = settings.L2;
        _minGain = settings.MinGain;
        _minRows = settings.MinLeafRows;
    }

    /// <summary>Improves the best split by those of one feature.</summary>
    /// <param name="slot">The feature.</param>
    /// <param name="bins">Its histogram; the first bin is that of missing values.</param>
    /// <param name="total">The packed sum of the leaf.</param>
    /// <param name="rows">The rows of the leaf.</param>
    /// <param name="counts">Rows per bin; empty to estimate them by the hessians.</param>
    /// <param name="best">The best split so far.</param>
    public void Improve(int slot, ReadOnlySpan<long> bins, long total, int rows, ReadOnlySpan<int> counts, ref Split best)
    {
        var hessian = PackedGradients.Hessian(total);
        if (hessian == 0) return;
        var missing = bins[BinnedMatrix.Missing];
        var rowsPerHessian = rows / (double)hessian;
        var parent = Score(total);
        var left = 0L;
        var leftRows = 0;
        // Without missing values the last bin leaves nothing for the right side.
        var last = missing == 0 ? bins.Length - 2 : bins.Length - 1;
        for (var bin = 1; bin <= last; bin++)
        {
            var value = bins[bin];
            left += value;
            if (!counts.IsEmpty) leftRows += counts[bin];
            if (value == 0 && bin < bins.Length - 1) continue;
            var estimate = counts.IsEmpty ? (int)(PackedGradients.Hessian(left) * rowsPerHessian + 0.5) : leftRows;
            Try(slot, bin, missingLeft: false, left, total, estimate, rows, parent, ref best);
            if (missing == 0 || bin == bins.Length - 1) continue;
            estimate = counts.IsEmpty
                ? (int)(PackedGradients.Hessian(left + missing) * rowsPerHessian + 0.5)
                : leftRows + counts[BinnedMatrix.Missing];
            Try(slot, bin, missingLeft: true, left + missing, total, estimate, rows, parent, ref best);
        }

        // No row at hand says where missing values belong: they follow the majority.
        if (best.Slot == slot && missing == 0) best = best with { MissingLeft = PackedGradients.Hessian(best.Left) > hessian / 2 };
    }

    private void Try(int slot, int bin, bool missingLeft, long left, long total, int leftRows, int rows, double parent, ref Split best)
    {
        if (leftRows < _minRows || rows - leftRows < _minRows) return;
        var right = total - left;
        if (PackedGradients.Hessian(left) * _hessianUnit < LeastHessian || PackedGradients.Hessian(right) * _hessianUnit < LeastHessian)
        {
            return;
        }
        var gain = Score(left) + Score(right) - parent;
        if (gain > best.Gain && gain > _minGain) best = new Split(gain, slot, bin, missingLeft, left);
    }

    private double Score(long packed)
    {
        var gradient = PackedGradients.Gradient(packed) * _gradientUnit;
        return gradient * gradient / (PackedGradients.Hessian(packed) * _hessianUnit + _l2);
    }
}
