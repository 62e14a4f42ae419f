namespace MlOps.Sdk.MLNet;

/// <summary>How close a translated model is to the library's own predictions, for every row.</summary>
internal enum TranslationExactness
{
    /// <summary>The same bits: the same sums in the same order, rounded at the same places.</summary>
    BitEqual,

    /// <summary>
    /// The last bit of a single-precision probability may differ: the classes have another order, in which they are added up.
    /// </summary>
    LastBit,

    /// <summary>
    /// Within the rounding error of the library's own sum, which it adds up in single precision and in an order that depends on the
    /// processor: at most (features + 2) · 2⁻²⁴ · Σ|weight · feature| in the raw score.
    /// </summary>
    Rounding,
}
