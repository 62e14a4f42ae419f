using MlOps.Sdk.Data;

namespace MlOps.Sdk.Processing;

/// <summary>One value of a column per slot, which outlives the batch that it came in. Not thread-safe.</summary>
internal sealed class KeptCells
{
    private readonly List<(Column? Column, int Row)> _cells = [];
    private readonly HashSet<int> _borrowed = [];

    public void Set(int slot, Column column, int row)
    {
        while (_cells.Count <= slot) _cells.Add(default);
        _cells[slot] = (column, row);
        _borrowed.Add(slot);
    }

    /// <summary>Copies what was set since the last call, so that a batch is not kept for one of its values.</summary>
    public void Detach()
    {
        foreach (var slot in _borrowed) _cells[slot] = (_cells[slot].Column!.Take([_cells[slot].Row]), 0);
        _borrowed.Clear();
    }

    /// <summary>Appends the value of a slot; a slot that was never set has none.</summary>
    public void AppendTo(ColumnBuilder output, int slot)
    {
        var (column, row) = slot < _cells.Count ? _cells[slot] : default;
        if (column is null) output.AppendNull();
        else Append(output, column, row);
    }

    // Sources change from row to row here, which a builder of texts would answer with a new table of codes each time.
    public static void Append(ColumnBuilder output, Column column, int row)
    {
        if (output is TextColumnBuilder texts) texts.Append(column.GetText(row));
        else output.Append(column, row);
    }
}
