using MlOps.Sdk.Data;

namespace MlOps.Sdk.MLNet;

/// <summary>Brings the columns of a block of rows to those that a pipeline is given. Immutable and thread-safe.</summary>
internal sealed class InputBlock
{
    /// <summary>From how many rows on a block is transformed at once: below, making the cursor takes longer than the rows.</summary>
    public const int RowsForTransform = 4096;

    private readonly int[] _positions;
    private readonly int _width;

    /// <summary>Creates the map for a schema: its columns that are read are those of blocks, in order.</summary>
    public InputBlock(InputSchema schema)
    {
        _positions = [.. schema.Columns.Index().Where(column => column.Item.Source is not null).Select(column => column.Index)];
        _width = schema.Columns.Count;
        Fields = [.. _positions.Select(position => schema.Columns[position].Field)];
    }

    /// <summary>The columns of a block.</summary>
    public IReadOnlyList<Field> Fields { get; }

    /// <summary>Lets an engine read the columns of a block.</summary>
    public void Bind(RowEngine engine, in RowBlock rows)
    {
        for (var i = 0; i < _positions.Length; i++) engine.Bind(_positions[i], rows.Column(i));
    }

    /// <summary>The columns of a block, where the schema has them.</summary>
    public Column?[] Columns(in RowBlock rows)
    {
        var columns = new Column?[_width];
        for (var i = 0; i < _positions.Length; i++) columns[_positions[i]] = rows.Column(i);
        return columns;
    }
}
