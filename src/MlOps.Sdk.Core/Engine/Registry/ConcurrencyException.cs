namespace MlOps.Sdk.Registry;

/// <summary>Somebody else was quicker: what is there now is not what the caller expected. Nothing was changed.</summary>
public sealed class ConcurrencyException : MlOpsException
{
    internal ConcurrencyException(string problem, string remedy, int? expected, int? actual)
        : base(problem, remedy)
    {
        Expected = expected;
        Actual = actual;
    }

    /// <summary>The version that the caller expected; <see langword="null"/> for none.</summary>
    public int? Expected { get; }

    /// <summary>The version that is there now; <see langword="null"/> for none.</summary>
    public int? Actual { get; }
}
