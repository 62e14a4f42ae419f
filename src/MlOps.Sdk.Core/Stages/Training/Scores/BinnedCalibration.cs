using MlOps.Sdk.Data;
using static System.FormattableString;

namespace MlOps.Sdk.Training;

internal sealed class BinnedCalibration : Calibration
{
    public const byte Kind = 3;

    private readonly float _start;
    private readonly float _width;
    private readonly float[] _probabilities;

    public BinnedCalibration(float start, float width, ReadOnlySpan<float> probabilities)
    {
        if (!float.IsFinite(start) || !float.IsFinite(width) || width <= 0 || probabilities.IsEmpty)
        {
            throw new ImpossibleModelException(
                Invariant($"A binned calibration begins at {start} and has {probabilities.Length} bins of the width {width}."),
                "The start must be finite, the width positive, and there must be a bin.");
        }

        foreach (var probability in probabilities)
        {
            if (probability is >= 0 and <= 1) continue;
            throw new ImpossibleModelException(
                Invariant($"A binned calibration has a bin with the probability {probability}."),
                "Probabilities must be from 0 to 1.");
        }

        _start = start;
        _width = width;
        _probabilities = probabilities.ToArray();
    }

    public static new Calibration Read(ref BinaryInput reader)
    {
        var start = reader.Single();
        var width = reader.Single();
        var probabilities = new float[reader.Length(sizeof(float))];
        for (var i = 0; i < probabilities.Length; i++) probabilities[i] = reader.Single();
        return new BinnedCalibration(start, width, probabilities);
    }

    public override double Probability(double score)
    {
        var value = (float)score;
        // A quotient beyond the integers becomes the nearest one.
        return float.IsNaN(value) ? double.NaN : _probabilities[Math.Clamp((int)((value - _start) / _width), 0, _probabilities.Length - 1)];
    }

    internal override void Save(BinaryOutput writer)
    {
        writer.Byte(Kind);
        writer.Single(_start);
        writer.Single(_width);
        writer.Int32(_probabilities.Length);
        foreach (var probability in _probabilities) writer.Single(probability);
    }
}
