namespace MlOps.Sdk.Data;

/// <summary>
/// Some consecutive rows of some columns: what a row-wise step or a feature transform reads, one row when serving, thousands when training.
/// </summary>
public readonly ref struct RowBlock
{
    private readonly ReadOnlySpan<Column> _columns;
    private readonly int _start;

    /// <summary>Creates a block.</summary>
    /// <param name="columns">The columns, in the order of the reader's inputs.</param>
    /// <param name="start">The first row.</param>
    /// <param name="count">The number of rows.</param>
    public RowBlock(ReadOnlySpan<Column> columns, int start, int count)
    {
        _columns = columns;
        _start = start;
        Count = count;
    }

    /// <summary>The number of rows.</summary>
    public int Count { get; }

    /// <summary>Where the block's rows start in its columns.</summary>
    public int Start => _start;

    /// <summary>A column that the block is a part of; its row <c>Start + i</c> is the block's row i.</summary>
    /// <param name="input">The position among the inputs.</param>
    public Column Column(int input) => _columns[input];

    /// <summary>The same rows of some of the columns.</summary>
    /// <param name="first">The first column to keep.</param>
    /// <param name="count">How many to keep.</param>
    public RowBlock Columns(int first, int count) => new(_columns.Slice(first, count), _start, Count);

    /// <summary>Whether a row has no value.</summary>
    /// <param name="input">The position among the inputs.</param>
    /// <param name="row">The row of the block, from 0.</param>
    public bool IsNull(int input, int row) => _columns[input].IsNull(_start + row);

    /// <summary>The value as a number, see <see cref="Column.GetNumber"/>.</summary>
    /// <param name="input">The position among the inputs.</param>
    /// <param name="row">The row of the block, from 0.</param>
    public double Number(int input, int row) => _columns[input].GetNumber(_start + row);

    /// <summary>The value as text, see <see cref="Column.GetText"/>.</summary>
    /// <param name="input">The position among the inputs.</param>
    /// <param name="row">The row of the block, from 0.</param>
    public string? Text(int input, int row) => _columns[input].GetText(_start + row);
}
