using Microsoft.ML.Data;

namespace MlOps.Sdk.MLNet;

/// <summary>What a custom mapping of the tests reads.</summary>
internal sealed class Visits
{
    [ColumnName("visits")]
    public float Count { get; set; }
}
