using MlOps.Sdk.Data;

namespace MlOps.Sdk.Processing;

/// <summary>Computes one column of a row-wise step's output.</summary>
/// <param name="rows">The rows; their columns are those of the schema before the step, in order.</param>
/// <param name="output">Where to append one value per row; a builder of the output field's type.</param>
public delegate void ColumnComputation(in RowBlock rows, ColumnBuilder output);

/// <summary>
/// What a row-wise step does to rows of a given schema: which columns pass through and which are computed. Immutable and thread-safe.
/// </summary>
public sealed class RowBinding
{
    /// <summary>Creates a binding.</summary>
    /// <param name="output">The schema after the step.</param>
    /// <param name="columns">Where each column of <paramref name="output"/> comes from, in order.</param>
    public RowBinding(Schema output, IReadOnlyList<OutputColumn> columns)
    {
        if (output.Count != columns.Count)
        {
            throw new ArgumentException($"{output.Count} output fields, {columns.Count} columns.", nameof(columns));
        }
        Output = output;
        Columns = columns;
    }

    /// <summary>The schema after the step.</summary>
    public Schema Output { get; }

    /// <summary>Where each column comes from.</summary>
    public IReadOnlyList<OutputColumn> Columns { get; }

    /// <summary>Applies the step to a batch.</summary>
    /// <param name="batch">Rows of the schema before the step; columns that pass through are shared, not copied.</param>
    public RecordBatch Apply(RecordBatch batch)
    {
        Column[] inputs = [.. batch.Columns];
        var columns = new Column[Columns.Count];
        for (var i = 0; i < columns.Length; i++)
        {
            if (Columns[i].Computation is not { } compute)
            {
                columns[i] = inputs[Columns[i].Input];
                continue;
            }

            var builder = ColumnBuilder.Create(Output[i].Type, Output[i].Length, batch.RowCount);
            compute(new RowBlock(inputs, 0, batch.RowCount), builder);
            columns[i] = builder.Build();
        }

        return new RecordBatch(Output, columns);
    }
}
