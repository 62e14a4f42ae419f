namespace MlOps.Sdk.Storage;

/// <summary>How often a class was decided where a label was reported.</summary>
internal sealed class LabelledCount
{
    public int? Decision { get; init; }

    public string Label { get; init; } = "";

    public long Rows { get; init; }
}
