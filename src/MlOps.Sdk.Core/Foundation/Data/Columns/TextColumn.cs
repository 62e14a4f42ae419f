namespace MlOps.Sdk.Data;

/// <summary>A column of texts, as codes into a dictionary of distinct texts; the code is -1 where there is no value.</summary>
public sealed class TextColumn : Column<int>
{
    internal TextColumn()
        : base(ColumnType.Text)
    {
    }

    internal string[] Texts { get; set; } = [];

    internal int TextCount { get; set; }

    /// <summary>Grows when the texts are forgotten: until then, a code represents the same text.</summary>
    internal int Generation { get; set; }

    /// <summary>The texts that the codes in <see cref="Column{T}.Values"/> point to. A text may be unused.</summary>
    public ReadOnlySpan<string> Dictionary => Texts.AsSpan(0, TextCount);

    /// <inheritdoc/>
    public override double GetNumber(int row) => double.NaN;

    /// <inheritdoc/>
    public override string? GetText(int row) => Buffer[row] is >= 0 and var code ? Texts[code] : null;
}
