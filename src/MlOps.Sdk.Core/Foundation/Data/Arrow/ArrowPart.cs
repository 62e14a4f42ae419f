namespace MlOps.Sdk.Data;

/// <summary>The buffers of one column of a batch, of the lengths that its rows need.</summary>
/// <param name="Column">The column.</param>
/// <param name="Rows">The number of rows.</param>
/// <param name="Validity">A bit per row; empty when every row has a value.</param>
/// <param name="Values">Values, codes, or the offsets of texts.</param>
/// <param name="Texts">The bytes of the texts, where there is no dictionary.</param>
/// <param name="Dictionary">The dictionary, where there is one.</param>
internal sealed record ArrowPart(
    ArrowColumn Column,
    long Rows,
    ReadOnlyMemory<byte> Validity,
    ReadOnlyMemory<byte> Values,
    ReadOnlyMemory<byte> Texts,
    ArrowDictionary? Dictionary)
{
    public bool IsNull(long row) => Validity.Length > 0 && (Validity.Span[(int)(row >> 3)] >> (int)(row & 7) & 1) == 0;
}
