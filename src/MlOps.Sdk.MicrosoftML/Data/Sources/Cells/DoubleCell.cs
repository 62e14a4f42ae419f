using Microsoft.ML;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.MLNet;

/// <summary>Numbers; NaN is what ML.NET has for a missing one.</summary>
internal sealed class DoubleCell(ValueGetter<double> getter) : CellReader<double, NumberColumnBuilder>(getter, new NumberColumnBuilder())
{
    public override void Append()
    {
        if (double.IsNaN(Value)) To.AppendNull();
        else To.Append(Value);
    }
}
