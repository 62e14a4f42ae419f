using System.Buffers;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.Processing;

/// <summary>
/// Leaves columns out. When serving, a column that is not there need not be dropped; when a snapshot is made, it must exist.
/// </summary>
internal sealed class DropColumns(string[] columns) : IRowProcessor
{
    public const string Format = "mlops.drop/1";

    public string FormatId => Format;

    public IReadOnlyList<string> Columns => columns;

    public static DropColumns Read(ReadOnlyMemory<byte> bytes) => new(ProcessingJson.Need(ProcessingJson.Read(bytes).Columns));

    public void Save(IBufferWriter<byte> writer) => ProcessingJson.Save(new RowStepState { Columns = columns }, writer);

    public RowBinding BindRows(Schema input)
    {
        var kept = Enumerable.Range(0, input.Count).Where(i => !columns.Contains(input[i].Name, StringComparer.Ordinal)).ToArray();
        return new RowBinding(new Schema(kept.Select(i => input[i])), [.. kept.Select(OutputColumn.PassThrough)]);
    }

    public override string ToString() => $"drop({string.Join(", ", columns)})";
}
