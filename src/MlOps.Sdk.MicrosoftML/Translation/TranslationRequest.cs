using Microsoft.ML;
using MlOps.Sdk.Training;

namespace MlOps.Sdk.MLNet;

/// <summary>What is to be translated.</summary>
internal sealed record TranslationRequest
{
    /// <summary>
    /// The predicting transformer, alone or followed by a calibrator. What comes before it, from columns to the feature vector, is not
    /// its affair.
    /// </summary>
    public required ITransformer Predictor { get; init; }

    /// <summary>
    /// What the model shall read and write. For regression, a model of two classes gives its raw score, of which a calibration can learn.
    /// </summary>
    public required ModelSignature Signature { get; init; }

    /// <summary>
    /// Feature vectors as they occur, on which the translation is compared with the library. More are made of them: with missing values,
    /// and at the thresholds of the model.
    /// </summary>
    public IReadOnlyList<float[]> Rows { get; init; } = [];

    /// <summary>
    /// For each class of the signature, its position among the library's classes, which follow first occurrence in the data. Empty when the
    /// order is the same.
    /// </summary>
    public IReadOnlyList<int> Classes { get; init; } = [];

    /// <summary>From a raw score to a probability, for a model of two classes that has no calibration of its own.</summary>
    public Calibration? Calibration { get; init; }

    /// <summary>
    /// From raw scores to probabilities, for a model of several classes that gives raw scores only; in the order of the signature's
    /// classes.
    /// </summary>
    public ScoreLink? Link { get; init; }
}
