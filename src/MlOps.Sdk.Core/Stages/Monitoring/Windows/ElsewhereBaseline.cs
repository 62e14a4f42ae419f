using MlOps.Sdk.Data;
using MlOps.Sdk.Packaging;

namespace MlOps.Sdk.Monitoring;

/// <summary>What a model that is served elsewhere is compared with.</summary>
internal sealed record ElsewhereBaseline(
    ModelElsewhere Model, PackageBaseline Baseline, Decision Decision, IReadOnlyList<string> Attributes)
{
    /// <summary>Refuses rows that cannot be compared.</summary>
    /// <exception cref="MlOpsException">A column is missing or has another type.</exception>
    public void Check(Schema rows)
    {
        foreach (var input in Baseline.Inputs)
        {
            if (rows[input.Name].Type != input.Profile.Type)
            {
                throw new MlOpsException(
                    $"The column '{input.Name}' is {rows[input.Name].Type}, and was {input.Profile.Type} when the lifecycle ran.",
                    "Read both with one schema.") { Column = input.Name };
            }
        }
    }
}
