using MlOps.Sdk.Data;
using MlOps.Sdk.Problem;

namespace MlOps.Sdk.Training;

/// <summary>
/// From the raw scores of a row to its predictions: probabilities, or the number itself. Immutable and thread-safe.
/// </summary>
public sealed class ScoreLink
{
    private const int LeastCalibrationBytes = 13;

    /// <summary>Scores up to here have exponentials whose sum over thousands of classes is finite and not zero.</summary>
    private const double MostExponent = 700;

    private readonly ScoreLinkKind _kind;
    private readonly Calibration[] _calibrations;
    private readonly double _divisor;
    private readonly bool _isSingle;

    private ScoreLink(ScoreLinkKind kind, Calibration[] calibrations, double divisor = 1, bool isSingle = false)
    {
        _kind = kind;
        _calibrations = calibrations;
        _divisor = divisor;
        _isSingle = isSingle;
    }

    /// <summary>The raw score is the prediction. For regression.</summary>
    public static ScoreLink Identity { get; } = new(ScoreLinkKind.Identity, []);

    /// <summary>exp(score): for regression of counts and other positive numbers.</summary>
    public static ScoreLink Exponential { get; } = new(ScoreLinkKind.Exponential, []);

    /// <summary>1 / (1 + exp(−score)). For two classes.</summary>
    public static ScoreLink Logistic { get; } = new(ScoreLinkKind.Calibrated, [Calibration.Platt(-1, 0)]);

    /// <summary>exp(score − largest) per class, divided by their sum. For several classes.</summary>
    public static ScoreLink Softmax { get; } = new(ScoreLinkKind.Softmax, []);

    /// <summary>
    /// exp(score) per class, divided by their sum: the softmax to the letter, whose last bits differ from those of <see cref="Softmax"/>.
    /// Where it would overflow or vanish, <see cref="Softmax"/> is taken instead. For several classes.
    /// </summary>
    public static ScoreLink NormalizedExponential { get; } = new(ScoreLinkKind.NormalizedExponential, []);

    /// <summary>
    /// A calibration of the one score of two classes, or one per class of several, whose probabilities are divided by their sum.
    /// </summary>
    /// <param name="calibrations">One for two classes, else one per class, in the order of the outputs.</param>
    public static ScoreLink Calibrated(params ReadOnlySpan<Calibration> calibrations)
    {
        foreach (var calibration in calibrations) ArgumentNullException.ThrowIfNull(calibration, nameof(calibrations));
        return new ScoreLink(ScoreLinkKind.Calibrated, calibrations.ToArray());
    }

    /// <summary>
    /// The same link as libraries compute it that score in single precision: the raw scores are rounded to <see cref="float"/> before it,
    /// its probabilities before they are divided by their sum, and what comes out of it.
    /// </summary>
    public ScoreLink InSinglePrecision() => new(_kind, _calibrations, _divisor, isSingle: true);

    /// <summary>The same link of the raw scores divided by a number, such as the number of trees of a forest.</summary>
    /// <param name="divisor">Positive and finite. In single precision, it is rounded to <see cref="float"/> and the division too.</param>
    /// <exception cref="MlOpsException">The divisor is not positive and finite.</exception>
    public ScoreLink DividedBy(double divisor)
    {
        if (!double.IsFinite(divisor) || (float)divisor is not (> 0 and < float.PositiveInfinity))
        {
            throw new ImpossibleModelException(
                FormattableString.Invariant($"Scores are divided by {divisor}."),
                "The divisor must be a positive number, neither too small nor too large for single precision.");
        }

        return new ScoreLink(_kind, _calibrations, divisor, _isSingle);
    }

    /// <summary>What the built-in trainers of a task use.</summary>
    internal static ScoreLink Of(TaskKind task) => task switch
    {
        TaskKind.BinaryClassification => Logistic,
        TaskKind.MulticlassClassification => Softmax,
        _ => Identity,
    };

    internal static ScoreLink Read(ref BinaryInput reader, ModelSignature signature)
    {
        var kind = (ScoreLinkKind)reader.Byte();
        if (!Enum.IsDefined(kind)) throw reader.Damaged("its link is of an unknown kind");
        var precision = reader.Byte();
        if (precision > 1) throw reader.Damaged("its precision is unknown");
        var divisor = reader.Double();
        var calibrations = new Calibration[reader.Length(LeastCalibrationBytes)];
        for (var i = 0; i < calibrations.Length; i++) calibrations[i] = Calibration.Read(ref reader);
        if (kind != ScoreLinkKind.Calibrated && calibrations.Length > 0) throw reader.Damaged("its link does not use its calibrations");
        var link = new ScoreLink(kind, calibrations, 1, precision == 1).DividedBy(divisor);
        link.Check(signature);
        return link;
    }

    /// <summary>Whether it computes what the built-in trainers of a task use.</summary>
    internal bool IsOf(TaskKind task)
    {
        if (_isSingle || _divisor != 1) return false;
        return task switch
        {
            TaskKind.BinaryClassification => _kind == ScoreLinkKind.Calibrated && _calibrations is [PlattCalibration { IsLogistic: true }],
            TaskKind.MulticlassClassification => _kind == ScoreLinkKind.Softmax,
            _ => _kind == ScoreLinkKind.Identity,
        };
    }

    /// <summary>Rejects a link that does not give what the task predicts.</summary>
    internal void Check(ModelSignature signature)
    {
        var (fits, remedy) = signature.Task switch
        {
            TaskKind.Regression => (_kind is ScoreLinkKind.Identity or ScoreLinkKind.Exponential, "Identity or Exponential"),
            TaskKind.BinaryClassification => (
                _kind == ScoreLinkKind.Calibrated && _calibrations.Length == 1,
                "Logistic, or Calibrated with one calibration"),
            _ => (
                _kind is ScoreLinkKind.Softmax or ScoreLinkKind.NormalizedExponential
                    || (_kind == ScoreLinkKind.Calibrated && _calibrations.Length == signature.Outputs),
                $"Softmax, NormalizedExponential, or Calibrated with {signature.Outputs} calibrations"),
        };
        if (fits) return;
        var what = _kind == ScoreLinkKind.Calibrated ? $"{_kind} with {_calibrations.Length} calibrations" : $"{_kind}";
        throw new ImpossibleModelException(
            $"The link {what} does not match {signature.Task}.",
            $"Use the link {remedy}.");
    }

    internal void Save(BinaryOutput writer)
    {
        writer.Byte((byte)_kind);
        writer.Byte((byte)(_isSingle ? 1 : 0));
        writer.Double(_divisor);
        writer.Int32(_calibrations.Length);
        foreach (var calibration in _calibrations) calibration.Save(writer);
    }

    /// <summary>Turns the raw scores of one row into predictions, in place.</summary>
    internal void Apply(Span<double> scores)
    {
        if (_isSingle)
        {
            // A number divided by 1 is itself, but the division takes longer than all of the rest.
            if (_divisor == 1) Round(scores);
            else foreach (ref var score in scores) score = (float)score / (float)_divisor;
        }
        else if (_divisor != 1)
        {
            foreach (ref var score in scores) score /= _divisor;
        }

        switch (_kind)
        {
            case ScoreLinkKind.Identity: return;
            case ScoreLinkKind.Exponential: scores[0] = Math.Exp(scores[0]); break;
            case ScoreLinkKind.Softmax: Link.Softmax(scores); break;
            case ScoreLinkKind.NormalizedExponential: NormalizeExponentials(scores); break;
            default: Calibrate(scores); break;
        }

        if (_isSingle) Round(scores);
    }

    private void Calibrate(Span<double> scores)
    {
        if (_calibrations.Length == 1)
        {
            scores[0] = _calibrations[0].Probability(scores[0]);
            return;
        }

        for (var k = 0; k < scores.Length; k++) scores[k] = _calibrations[k].Probability(scores[k]);
        if (_isSingle) Round(scores);
        var sum = 0.0;
        foreach (var probability in scores) sum += double.IsNaN(probability) ? 0 : probability;
        if (sum <= 0) return;
        foreach (ref var probability in scores) probability /= sum;
    }

    private static void NormalizeExponentials(Span<double> scores)
    {
        var largest = double.NegativeInfinity;
        foreach (var score in scores) largest = Math.Max(largest, score);
        if (Math.Abs(largest) > MostExponent)
        {
            Link.Softmax(scores);
            return;
        }

        var sum = 0.0;
        for (var k = 0; k < scores.Length; k++) sum += scores[k] = Math.Exp(scores[k]);
        for (var k = 0; k < scores.Length; k++) scores[k] /= sum;
    }

    private static void Round(Span<double> scores)
    {
        foreach (ref var score in scores) score = (float)score;
    }
}
