using MlOps.Sdk.Data;
using MlOps.Sdk.Packaging;

namespace MlOps.Sdk.Monitoring;

/// <summary>What a model that is served elsewhere is compared with.</summary>
internal sealed record ElsewhereBaseline(
    ModelElsewhere Model, PackageBaseline Baseline, Decision Decision, IReadOnlyList<string> Attributes)
{
    private readonly Lazy<WindowShape> _shape = new(() => new WindowShape(
        Baseline,
        Decision,
        Attributes.Where(attribute => Baseline.Inputs.Any(column => column.Name == attribute))));

    /// <summary>What a window of it counts.</summary>
    public WindowShape Shape => _shape.Value;

    /// <summary>Rejects rows that cannot be compared, before any of them is added.</summary>
    /// <exception cref="MlOpsException">A column is missing or has values of another type.</exception>
    public void Check(Dataset rows)
    {
        foreach (var input in Baseline.Inputs)
        {
            var (column, type) = (rows[input.Name], input.Profile.Type);
            if (ColumnPair.As(column, ColumnPair.CommonType(type, column.Type)) is null)
            {
                throw new MlOpsException(
                    $"The column '{input.Name}' is {column.Type}, and was {type} when the lifecycle ran.",
                    "Read both with one schema.") { Column = input.Name };
            }
        }
    }
}
