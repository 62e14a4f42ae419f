using Microsoft.ML;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.MLNet;

/// <summary>Takes values of one type over.</summary>
/// <typeparam name="TValue">What ML.NET reads.</typeparam>
/// <typeparam name="TColumn">What builds the column.</typeparam>
internal abstract class CellReader<TValue, TColumn>(ValueGetter<TValue> getter, TColumn column) : CellReader
    where TColumn : ColumnBuilder
{
    private protected TValue Value = default!;

    public sealed override ColumnBuilder Column => column;

    private protected TColumn To => column;

    public sealed override string? Read()
    {
        getter(ref Value);
        return Check();
    }

    /// <summary>What is wrong with the value; <see langword="null"/> when nothing is.</summary>
    private protected virtual string? Check() => null;
}
