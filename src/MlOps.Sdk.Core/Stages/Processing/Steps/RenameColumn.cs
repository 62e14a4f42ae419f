using System.Buffers;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.Processing;

/// <summary>Gives a column another name.</summary>
internal sealed class RenameColumn(string from, string to) : IRowProcessor
{
    public const string Format = "mlops.rename/1";

    public string FormatId => Format;

    public static RenameColumn Read(ReadOnlyMemory<byte> bytes)
    {
        var state = ProcessingJson.Read(bytes);
        return new RenameColumn(ProcessingJson.Need(state.Column), ProcessingJson.Need(state.To));
    }

    public void Save(IBufferWriter<byte> writer) => ProcessingJson.Save(new RowStepState { Column = from, To = to }, writer);

    public RowBinding BindRows(Schema input)
    {
        var index = ColumnChange.Find(input, from, ToString());
        if (from != to && input.Contains(to))
        {
            throw new MlOpsException(
                $"{this}: there is already a column '{to}'.",
                "Choose another name, or drop that column first.") { Column = to };
        }
        return ColumnChange.Replace(input, index, input[index] with { Name = to }, OutputColumn.PassThrough(index));
    }

    public override string ToString() => $"rename({from} → {to})";
}
