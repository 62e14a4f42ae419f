using MlOps.Sdk.Data;

namespace MlOps.Sdk.Exploration;

/// <summary>A claim about the data that can be tested. Implementations are thread-safe.</summary>
public interface IHypothesis
{
    /// <summary>The claim in words, unique within a lifecycle.</summary>
    string Name { get; }

    /// <summary>Tests the claim.</summary>
    /// <param name="rows">The training rows.</param>
    /// <returns>The result, before correction for the number of hypotheses.</returns>
    /// <exception cref="MlOpsException">A column is missing or of the wrong type.</exception>
    HypothesisResult Test(Dataset rows);
}
