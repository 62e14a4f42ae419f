using Microsoft.ML;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.MLNet;

/// <summary>Points in time, whose offset is applied.</summary>
internal sealed class DateTimeOffsetCell(ValueGetter<DateTimeOffset> getter)
    : CellReader<DateTimeOffset, TimestampColumnBuilder>(getter, new TimestampColumnBuilder())
{
    public override void Append() => To.Append(Value);
}
