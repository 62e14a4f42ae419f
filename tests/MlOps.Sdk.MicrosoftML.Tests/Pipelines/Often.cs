namespace MlOps.Sdk.MLNet;

/// <summary>What a custom mapping of the tests writes.</summary>
internal sealed class Often
{
    public float IsOften { get; set; }
}
