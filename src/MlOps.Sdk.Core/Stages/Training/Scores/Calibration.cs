using MlOps.Sdk.Data;

namespace MlOps.Sdk.Training;

/// <summary>From one raw score to a probability. Immutable and thread-safe; a missing (NaN) score gives NaN.</summary>
public abstract class Calibration
{
    private protected Calibration()
    {
    }

    /// <summary>
    /// 1 / (1 + exp(slope · score + offset)), after Platt (1999). The plain logistic function has the slope −1 and the offset 0.
    /// </summary>
    /// <param name="slope">The slope: negative where higher scores are likelier positive. Finite.</param>
    /// <param name="offset">The offset. Finite.</param>
    /// <exception cref="MlOpsException">A number is not finite.</exception>
    public static Calibration Platt(double slope, double offset) => new PlattCalibration(slope, offset);

    /// <summary>
    /// A monotone step function, as pool-adjacent-violators gives it (Zadrozny and Elkan 2002). A score inside a step has its probability,
    /// one between two steps lies on the line between them, and one outside has that of the nearest step; never less than 1e-15.
    /// Computed in single precision.
    /// </summary>
    /// <param name="from">The lowest score of each step, ascending. Finite.</param>
    /// <param name="to">The highest score of each step, from <paramref name="from"/> on and below the next step. Finite.</param>
    /// <param name="probabilities">The probability of each step, from 0 to 1, never falling.</param>
    /// <exception cref="MlOpsException">The steps are none, overlap, or fall.</exception>
    public static Calibration Isotonic(ReadOnlySpan<float> from, ReadOnlySpan<float> to, ReadOnlySpan<float> probabilities) =>
        new IsotonicCalibration(from, to, probabilities);

    /// <summary>
    /// The share of positives per bin of equal width; scores outside count to the first or last bin. Computed in single precision.
    /// </summary>
    /// <param name="start">Where the first bin begins. Finite.</param>
    /// <param name="width">How wide each bin is. Positive and finite.</param>
    /// <param name="probabilities">The probability of each bin, from 0 to 1.</param>
    /// <exception cref="MlOpsException">There is no bin, or a number is impossible.</exception>
    public static Calibration Binned(float start, float width, ReadOnlySpan<float> probabilities) =>
        new BinnedCalibration(start, width, probabilities);

    /// <summary>The probability that belongs to a raw score.</summary>
    /// <param name="score">The raw score.</param>
    public abstract double Probability(double score);

    internal static Calibration Read(ref BinaryInput reader) => reader.Byte() switch
    {
        PlattCalibration.Kind => PlattCalibration.Read(ref reader),
        IsotonicCalibration.Kind => IsotonicCalibration.Read(ref reader),
        BinnedCalibration.Kind => BinnedCalibration.Read(ref reader),
        _ => throw reader.Damaged("a calibration is of an unknown kind"),
    };

    internal abstract void Save(BinaryOutput writer);
}
