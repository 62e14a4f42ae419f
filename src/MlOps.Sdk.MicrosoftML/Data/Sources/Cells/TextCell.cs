using Microsoft.ML;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.MLNet;

/// <summary>Texts; an empty one stays empty, as ML.NET has no missing text.</summary>
internal sealed class TextCell(ValueGetter<ReadOnlyMemory<char>> getter)
    : CellReader<ReadOnlyMemory<char>, TextColumnBuilder>(getter, new TextColumnBuilder())
{
    public override void Append() => To.Append(Value.Span);
}
