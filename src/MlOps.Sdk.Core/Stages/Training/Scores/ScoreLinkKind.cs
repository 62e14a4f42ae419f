namespace MlOps.Sdk.Training;

/// <summary>The kinds of links; the numbers are saved.</summary>
internal enum ScoreLinkKind : byte
{
    Identity = 0,
    Exponential = 1,
    Softmax = 2,
    NormalizedExponential = 3,
    Calibrated = 4,
}
