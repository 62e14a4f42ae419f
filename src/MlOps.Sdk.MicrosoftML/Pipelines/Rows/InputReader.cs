using MlOps.Sdk.Data;

namespace MlOps.Sdk.MLNet;

/// <summary>Reads one column of some rows for ML.NET. Confined to a thread.</summary>
/// <param name="values">Where the row is.</param>
internal sealed class InputReader(InputValues values)
{
    private Delegate? _getter;

    /// <summary>The column that is read; <see langword="null"/> for none.</summary>
    public Column? Source { get; set; }

    /// <summary>The column that is read.</summary>
    /// <exception cref="InvalidOperationException">There is none.</exception>
    public Column Column => Source ?? throw InputValues.NoRow();

    /// <summary>The row that is read.</summary>
    /// <exception cref="InvalidOperationException">There is none.</exception>
    public int Row => values.Row >= 0 ? values.Row : throw InputValues.NoRow();

    /// <summary>A <see cref="Microsoft.ML.ValueGetter{TValue}"/> of the type that ML.NET reads.</summary>
    public Delegate Getter => _getter ?? throw new InvalidOperationException("The reader has no getter yet.");

    /// <summary>Sets the getter, which reads <see cref="Column"/> at <see cref="Row"/>.</summary>
    public InputReader With(Delegate getter)
    {
        _getter = getter;
        return this;
    }
}
