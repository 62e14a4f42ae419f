using Microsoft.ML;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.MLNet;

/// <summary>Points in time: a local one is converted to UTC, an unspecified one is taken as UTC.</summary>
internal sealed class DateTimeCell(ValueGetter<DateTime> getter)
    : CellReader<DateTime, TimestampColumnBuilder>(getter, new TimestampColumnBuilder())
{
    public override void Append() => To.Append(Value);
}
