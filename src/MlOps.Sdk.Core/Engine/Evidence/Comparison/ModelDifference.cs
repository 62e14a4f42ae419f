namespace MlOps.Sdk.Evidence;

/// <summary>Something in which two versions of a model differ.</summary>
/// <param name="Kind">Of what kind it is.</param>
/// <param name="Name">Its name.</param>
/// <param name="First">What it is in the first version; <see langword="null"/> where that has none.</param>
/// <param name="Second">What it is in the second version; <see langword="null"/> where that has none.</param>
public sealed record ModelDifference(ModelDifferenceKind Kind, string Name, string? First, string? Second)
{
    /// <summary>How the names of what people decided begin.</summary>
    internal const string Decision = "decision";

    /// <summary>Whether it is what somebody decided: a name in it is never cut.</summary>
    internal bool IsDecision => Kind == ModelDifferenceKind.Record && Name.StartsWith($"{Decision} ", StringComparison.Ordinal);
}
