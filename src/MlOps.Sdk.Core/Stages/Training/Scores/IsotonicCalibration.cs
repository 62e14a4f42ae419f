using MlOps.Sdk.Data;
using static System.FormattableString;

namespace MlOps.Sdk.Training;

internal sealed class IsotonicCalibration : Calibration
{
    public const byte Kind = 2;

    private const float Least = 1e-15f;
    private const string Remedy = "There must be at least one step. Steps must ascend without overlap, with probabilities from 0 to 1 " +
        "that never decrease.";

    private readonly float[] _from;
    private readonly float[] _to;
    private readonly float[] _probabilities;

    public IsotonicCalibration(ReadOnlySpan<float> from, ReadOnlySpan<float> to, ReadOnlySpan<float> probabilities)
    {
        if (from.IsEmpty || to.Length != from.Length || probabilities.Length != from.Length)
        {
            throw new ImpossibleModelException(
                Invariant($"Steps have {from.Length} lowest scores, {to.Length} highest and {probabilities.Length} probabilities."),
                Remedy);
        }

        _from = from.ToArray();
        _to = to.ToArray();
        _probabilities = probabilities.ToArray();
        if (FirstImpossible() is { } step)
        {
            throw new ImpossibleModelException(
                Invariant($"Step {step} of a calibration has scores {_from[step]} to {_to[step]} and probability {_probabilities[step]}."),
                Remedy);
        }
    }

    public static new Calibration Read(ref BinaryInput reader)
    {
        var count = reader.Length(3 * sizeof(float));
        var values = new float[3 * count];
        for (var i = 0; i < values.Length; i++) values[i] = reader.Single();
        return new IsotonicCalibration(values.AsSpan(0, count), values.AsSpan(count, count), values.AsSpan(2 * count));
    }

    public override double Probability(double score)
    {
        var value = (float)score;
        return float.IsNaN(value) ? double.NaN : Math.Max(Find(value), Least);
    }

    internal override void Save(BinaryOutput writer)
    {
        writer.Byte(Kind);
        writer.Int32(_from.Length);
        foreach (var values in (ReadOnlySpan<float[]>)[_from, _to, _probabilities])
        {
            foreach (var value in values) writer.Single(value);
        }
    }

    private float Find(float score)
    {
        if (score < _from[0]) return _probabilities[0];
        if (score > _to[^1]) return _probabilities[^1];
        var at = Array.BinarySearch(_to, score);
        if (at < 0) at = ~at;
        if (score >= _from[at]) return _probabilities[at];
        var part = (score - _to[at - 1]) / (_from[at] - _to[at - 1]);
        return _probabilities[at - 1] + part * (_probabilities[at] - _probabilities[at - 1]);
    }

    private int? FirstImpossible()
    {
        for (var i = 0; i < _from.Length; i++)
        {
            // Written so that NaN is impossible too.
            var isPossible = float.IsFinite(_from[i])
                && float.IsFinite(_to[i])
                && _from[i] <= _to[i]
                && _probabilities[i] is >= 0 and <= 1
                && (i == 0 || (_from[i] > _to[i - 1] && _probabilities[i] >= _probabilities[i - 1]));
            if (!isPossible) return i;
        }

        return null;
    }
}
