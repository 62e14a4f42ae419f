namespace MlOps.Sdk.Features;

/// <summary>
/// One caller's feature vector, for models that read a row of a sparse block as a whole: it is filled and emptied again in the time of the
/// values that are there, and allocates nothing. Not thread-safe.
/// </summary>
/// <param name="width">The number of slots.</param>
internal sealed class FeatureRow(int width)
{
    private readonly float[] _values = new float[width];

    /// <summary>All values of a row; valid until <see cref="Clear"/>, which must come before the next row.</summary>
    public ReadOnlySpan<float> Load(in FeatureBlock block, int row)
    {
        block.Row(row).CopyTo(_values);
        var slots = block.SparseSlots(row);
        var values = block.SparseValues(row);
        for (var i = 0; i < slots.Length; i++) _values[slots[i]] = values[i];
        return _values;
    }

    /// <summary>Sets the sparse values of the row that was loaded last back to 0.</summary>
    public void Clear(in FeatureBlock block, int row)
    {
        foreach (var slot in block.SparseSlots(row)) _values[slot] = 0;
    }
}
