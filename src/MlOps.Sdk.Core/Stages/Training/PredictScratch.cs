namespace MlOps.Sdk.Training;

/// <summary>
/// Memory that a model may use while it predicts, kept by the caller so that predictions allocate nothing. Not
/// thread-safe: one per concurrent call.
/// </summary>
public sealed class PredictScratch
{
    private double[] _doubles = [];

    /// <summary>Room for some numbers; their content is not specified.</summary>
    /// <param name="count">How many.</param>
    public Span<double> Doubles(int count)
    {
        if (_doubles.Length < count) _doubles = new double[count];
        return _doubles.AsSpan(0, count);
    }
}
