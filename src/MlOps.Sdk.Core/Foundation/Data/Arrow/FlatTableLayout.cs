namespace MlOps.Sdk.Data;

/// <summary>Where a table of a FlatBuffer and its fields stand.</summary>
/// <param name="Start">Where the table begins.</param>
/// <param name="Fields">Where each field is, by slot.</param>
internal readonly record struct FlatTableLayout(int Start, int[] Fields)
{
    public int this[int slot] => Fields[slot];
}
