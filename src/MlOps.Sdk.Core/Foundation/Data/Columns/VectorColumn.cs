using System.Globalization;

namespace MlOps.Sdk.Data;

/// <summary>A column of vectors: the elements of row r are <c>Values[r * ElementCount ..]</c>.</summary>
public sealed class VectorColumn : Column<float>
{
    internal VectorColumn(int elementCount)
        : base(ColumnType.Vector) => ElementCount = elementCount;

    /// <inheritdoc/>
    public override int ElementCount { get; }

    /// <summary>The elements of a row.</summary>
    /// <param name="row">The row, from 0; it must have a value.</param>
    public ReadOnlySpan<float> GetVector(int row) => Buffer.AsSpan(row * ElementCount, ElementCount);

    /// <inheritdoc/>
    public override double GetNumber(int row) => double.NaN;

    /// <inheritdoc/>
    public override string? GetText(int row)
    {
        if (IsNull(row)) return null;
        var parts = new string[ElementCount];
        for (var i = 0; i < parts.Length; i++) parts[i] = Buffer[row * ElementCount + i].ToString("R", CultureInfo.InvariantCulture);
        return $"[{string.Join(' ', parts)}]";
    }
}
