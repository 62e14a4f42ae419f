using MlOps.Sdk.Data;

namespace MlOps.Sdk.Collection;

/// <summary>The values of a column in one row group, handed over row by row. Not thread-safe.</summary>
internal abstract class ColumnValues
{
    /// <summary>Appends the next rows.</summary>
    /// <exception cref="MlOpsException">A value is one that no column of the library can hold.</exception>
    public abstract void Append(ColumnBuilder to, int rows);

    /// <summary>Passes over the next rows.</summary>
    public abstract void Skip(int rows);
}
