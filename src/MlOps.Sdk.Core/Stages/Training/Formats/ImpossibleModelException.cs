namespace MlOps.Sdk.Training;

/// <summary>
/// A described model cannot be. A type of its own, so that a reader of saved models can tell it from damage that it found itself.
/// </summary>
internal sealed class ImpossibleModelException(string problem, string remedy) : MlOpsException(problem, remedy)
{
    /// <summary>The problem as a part of another sentence.</summary>
    public string Clause => char.ToLowerInvariant(Problem[0]) + Problem[1..].TrimEnd('.');
}
