using MlOps.Sdk.Data;

namespace MlOps.Sdk.MLNet;

/// <summary>Takes the values of one column of a view over, row by row. Confined to the thread of its cursor.</summary>
internal abstract class CellReader
{
    /// <summary>The name of the column.</summary>
    public required string Name { get; init; }

    /// <summary>Where values are appended.</summary>
    public abstract ColumnBuilder Column { get; }

    /// <summary>Reads the value of the cursor's row, and appends nothing.</summary>
    /// <returns>What is wrong with the value; <see langword="null"/> when nothing is.</returns>
    public abstract string? Read();

    /// <summary>Appends what was read.</summary>
    public abstract void Append();
}
