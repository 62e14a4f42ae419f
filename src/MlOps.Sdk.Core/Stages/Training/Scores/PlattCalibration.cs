using MlOps.Sdk.Data;
using static System.FormattableString;

namespace MlOps.Sdk.Training;

internal sealed class PlattCalibration : Calibration
{
    public const byte Kind = 1;

    private readonly double _slope;
    private readonly double _offset;

    public PlattCalibration(double slope, double offset)
    {
        if (!double.IsFinite(slope) || !double.IsFinite(offset))
        {
            throw new ImpossibleModelException(
                Invariant($"A Platt calibration has the slope {slope} and the offset {offset}."),
                "Both must be finite numbers; a calibration on scores of one class only has none.");
        }

        _slope = slope;
        _offset = offset;
    }

    /// <summary>Whether it is the plain logistic function.</summary>
    public bool IsLogistic => _slope == -1 && _offset == 0;

    public static new Calibration Read(ref BinaryInput reader) => new PlattCalibration(reader.Finite(), reader.Finite());

    public override double Probability(double score) => 1 / (1 + Math.Exp(_slope * score + _offset));

    internal override void Save(BinaryOutput writer)
    {
        writer.Byte(Kind);
        writer.Double(_slope);
        writer.Double(_offset);
    }
}
