using Microsoft.ML;
using Microsoft.ML.Data;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.MLNet;

/// <summary>
/// A fitted ML.NET pipeline that is asked row by row, or for blocks of rows. Thread-safe: every caller rents its own engine, which
/// is confined to a thread.
/// </summary>
internal sealed class RowPipeline
{
    private readonly ITransformer _transformer;
    private readonly IRowToRowMapper _mapper;
    private readonly DataViewSchema.Column[] _outputs;
    private readonly HashSet<int> _active;
    private readonly Lock _lock = new();

    /// <summary>Creates a pipeline.</summary>
    /// <param name="transformer">The scoring part of a fitted pipeline; whoever made it disposes of it, after the engines.</param>
    /// <param name="input">The columns that it is given.</param>
    /// <param name="outputs">Names the columns that are requested, given those that there are.</param>
    /// <exception cref="MlOpsException">The pipeline does not work row by row, or does not fit the columns.</exception>
    public RowPipeline(ITransformer transformer, InputSchema input, Func<DataViewSchema, IEnumerable<DataViewSchema.Column>> outputs)
    {
        _transformer = transformer;
        Input = input;
        _mapper = Map(transformer, input.Schema);
        _outputs = [.. outputs(_mapper.OutputSchema)];
        _active = [.. _mapper.GetDependencies(_outputs).Select(column => column.Index)];
        if (_active.FirstOrDefault(i => input.Columns[i].Source is null, -1) is >= 0 and var unread)
        {
            throw new MlOpsException(
                $"The pipeline reads the column '{input.Columns[unread].Name}', which is not available in serving.",
                "Do not predict from the label and the weights.") { Column = input.Columns[unread].Name };
        }
    }

    /// <summary>The columns that the pipeline is given.</summary>
    public InputSchema Input { get; }

    /// <summary>The columns that are requested.</summary>
    public IReadOnlyList<DataViewSchema.Column> Outputs => _outputs;

    /// <summary>The positions in <see cref="Input"/> of the columns that are read, ascending.</summary>
    public IReadOnlyList<int> Read => [.. _active.Order()];

    /// <summary>The columns that the outputs of a pipeline depend on, as positions in the schema.</summary>
    public IReadOnlyList<int> DependenciesOf(DataViewSchema.Column output) =>
        [.. _mapper.GetDependencies([output]).Select(column => column.Index).Order()];

    /// <summary>Creates an engine for one caller.</summary>
    public RowEngine CreateEngine()
    {
        // ML.NET does not promise that rows can be made by several threads at once.
        lock (_lock)
        {
            var values = new InputValues(Input, _active.Contains);
            var row = new InputRow(values);
            return new RowEngine(values, row, _mapper.GetRow(row, _outputs));
        }
    }

    /// <summary>Reads the outputs of many rows, with as many threads as ML.NET takes.</summary>
    /// <param name="columns">The values of the columns of <see cref="Input"/>; <see langword="null"/> for one that is not read.</param>
    /// <param name="start">The first row.</param>
    /// <param name="count">The number of rows.</param>
    public DataViewRowCursor Cursor(Column?[] columns, int start, int count)
    {
        var scored = _transformer.Transform(new InputView(Input, columns, start, count, CancellationToken.None));
        return scored.GetRowCursor(_outputs.Select(column => scored.Schema[column.Index]));
    }

    /// <summary>Binds a transformer to columns.</summary>
    /// <exception cref="MlOpsException">The pipeline does not work row by row.</exception>
    public static IRowToRowMapper Map(ITransformer transformer, DataViewSchema input)
    {
        if (!transformer.IsRowToRowMapper)
        {
            throw new MlOpsException(
                "The pipeline does not work row by row: one of its steps drops rows, or needs other rows.",
                "Drop rows in ProcessData, or append the step with TransformerScope.Training.");
        }

        return transformer.GetRowToRowMapper(input);
    }
}
