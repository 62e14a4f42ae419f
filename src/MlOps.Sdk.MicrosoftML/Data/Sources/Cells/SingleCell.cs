using Microsoft.ML;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.MLNet;

/// <summary>Numbers, which become those that they print; NaN is what ML.NET has for a missing one.</summary>
internal sealed class SingleCell(ValueGetter<float> getter) : CellReader<float, NumberColumnBuilder>(getter, new NumberColumnBuilder())
{
    public override void Append()
    {
        if (float.IsNaN(Value)) To.AppendNull();
        else To.AppendSingle(Value);
    }
}
