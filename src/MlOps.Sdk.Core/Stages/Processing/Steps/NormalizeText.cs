using System.Buffers;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.Processing;

/// <summary>Makes texts that differ only in case or spaces equal; a text of which nothing is left becomes a missing value.</summary>
internal sealed class NormalizeText(string column, bool trim, bool lower, bool collapseSpaces) : IRowProcessor
{
    public const string Format = "mlops.normalize-text/1";

    public string FormatId => Format;

    public static NormalizeText Read(ReadOnlyMemory<byte> bytes)
    {
        var state = ProcessingJson.Read(bytes);
        return new NormalizeText(
            ProcessingJson.Need(state.Column),
            ProcessingJson.Need(state.Trim),
            ProcessingJson.Need(state.Lower),
            ProcessingJson.Need(state.CollapseSpaces));
    }

    public void Save(IBufferWriter<byte> writer) =>
        ProcessingJson.Save(new RowStepState { Column = column, Trim = trim, Lower = lower, CollapseSpaces = collapseSpaces }, writer);

    public RowBinding BindRows(Schema input)
    {
        var index = ColumnChange.Find(input, column, ToString());
        if (input[index].Type != ColumnType.Text)
            throw new MlOpsException($"{this}: the column is {input[index].Type}.", "Only texts can be normalized.") { Column = column };
        return ColumnChange.Replace(input, index, input[index], OutputColumn.Computed(Compute));

        void Compute(in RowBlock rows, ColumnBuilder output)
        {
            var texts = (TextColumn)rows.Column(index);
            var to = (TextColumnBuilder)output;
            for (var i = 0; i < rows.Count; i++)
            {
                if (texts.Values[rows.Start + i] is >= 0 and var code) Append(texts.Dictionary[code], to);
                else to.AppendNull();
            }
        }
    }

    public override string ToString() => $"normalize-text({column})";

    private void Append(string text, TextColumnBuilder to)
    {
        char[]? rented = null;
        var buffer = text.Length <= 256 ? stackalloc char[256] : rented = ArrayPool<char>.Shared.Rent(text.Length);
        var length = 0;
        foreach (var c in text)
        {
            var space = char.IsWhiteSpace(c);
            if (space && collapseSpaces && length > 0 && buffer[length - 1] == ' ') continue;
            buffer[length++] = space && collapseSpaces ? ' ' : lower ? char.ToLowerInvariant(c) : c;
        }

        ReadOnlySpan<char> result = buffer[..length];
        if (trim) result = result.Trim();
        if (result.IsEmpty) to.AppendNull();
        else to.Append(result);
        if (rented is not null) ArrayPool<char>.Shared.Return(rented);
    }
}
