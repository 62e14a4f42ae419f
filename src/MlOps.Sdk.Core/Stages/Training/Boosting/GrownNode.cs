namespace MlOps.Sdk.Training;

/// <summary>A node of a grown tree: a leaf until it is split.</summary>
/// <param name="Slot">The feature that is tested.</param>
/// <param name="Bin">The last bin that goes left.</param>
/// <param name="MissingLeft">Whether missing values go left.</param>
/// <param name="Left">The left child; the right one is the next. 0 for a leaf.</param>
/// <param name="Value">What a leaf adds to the score.</param>
internal readonly record struct GrownNode(int Slot, int Bin, bool MissingLeft, int Left, double Value)
{
    public bool IsLeaf => Left == 0;
}
