namespace MlOps.Sdk.MLNet;

/// <summary>What becomes of the raw scores of the classes.</summary>
internal enum ClassFormula
{
    /// <summary>Nothing: the library gives raw scores.</summary>
    Raw,

    /// <summary>Each is calibrated, and the probabilities are divided by their sum.</summary>
    NormalizedProbabilities,

    /// <summary>The exponentials are divided by their sum, in double precision.</summary>
    NormalizedExponential,

    /// <summary>The same, by way of the logarithm of the sum in single precision.</summary>
    MaximumEntropy,
}
