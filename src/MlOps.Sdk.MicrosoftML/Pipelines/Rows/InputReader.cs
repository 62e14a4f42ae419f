using MlOps.Sdk.Data;

namespace MlOps.Sdk.MLNet;

/// <summary>Reads one column of some rows for ML.NET. Confined to a thread.</summary>
internal abstract class InputReader
{
    /// <summary>Sets the column that is read from now on; <see langword="null"/> for none.</summary>
    public abstract void Bind(Column? column);

    /// <summary>A <see cref="Microsoft.ML.ValueGetter{TValue}"/> of the type that ML.NET reads.</summary>
    public abstract Delegate Getter { get; }
}
