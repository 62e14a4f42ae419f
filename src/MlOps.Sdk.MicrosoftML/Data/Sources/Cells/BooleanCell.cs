using Microsoft.ML;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.MLNet;

/// <summary>True and false.</summary>
internal sealed class BooleanCell(ValueGetter<bool> getter) : CellReader<bool, BooleanColumnBuilder>(getter, new BooleanColumnBuilder())
{
    public override void Append() => To.Append(Value);
}
