using Microsoft.ML.Data;
using MlOps.Sdk.Data;
using MlOps.Sdk.Problem;
using MlOps.Sdk.Training;

namespace MlOps.Sdk.MLNet;

/// <summary>
/// What a pipeline is built with: the names and values that the problem and the search decide. Valid while the pipeline is built; not
/// thread-safe.
/// </summary>
public sealed class PipelineSettings
{
    private readonly IReadOnlyDictionary<string, HyperparameterValue> _parameters;
    private readonly Dictionary<string, DataKind> _kinds = new(StringComparer.Ordinal);

    internal PipelineSettings(
        RowTrainingContext context, IReadOnlyDictionary<string, HyperparameterValue> parameters, string? weight)
    {
        _parameters = parameters;
        Columns = new Schema(context.Rows.Schema.Where(field => field.Name != context.Problem.Label));
        Label = context.Problem.Label;
        Classes = context.Encoding.Classes;
        Task = context.Task;
        Weight = weight;
        Seed = context.Seed;
        Threads = context.Threads;
    }

    /// <summary>The value of a hyperparameter.</summary>
    /// <param name="hyperparameter">The name of one of the trainer's hyperparameters.</param>
    /// <exception cref="MlOpsException">The trainer has no such hyperparameter.</exception>
    public HyperparameterValue this[string hyperparameter] => _parameters.TryGetValue(hyperparameter, out var value)
        ? value
        : throw new MlOpsException(
            $"The pipeline reads the hyperparameter '{hyperparameter}', which it does not declare.",
            _parameters.Count == 0
                ? "Name it in MicrosoftML.Pipeline(…), after the function."
                : $"Name it in MicrosoftML.Pipeline(…). Declared are: {string.Join(", ", _parameters.Keys)}.");

    /// <summary>The columns that may be predicted from: those of the rows after the row-wise steps, without the label.</summary>
    public Schema Columns { get; }

    /// <summary>The column of the label, for <c>labelColumnName</c>.</summary>
    public string Label { get; }

    /// <summary>
    /// The column of the rows' weights, for <c>exampleWeightColumnName</c>; <see langword="null"/> when all rows weigh the same.
    /// </summary>
    public string? Weight { get; }

    /// <summary>The classes in the problem's order (binary: negative, positive); empty for regression.</summary>
    public IReadOnlyList<string> Classes { get; }

    /// <summary>What is predicted.</summary>
    public TaskKind Task { get; }

    /// <summary>The seed, which the <c>MLContext</c> has too.</summary>
    public int Seed { get; }

    /// <summary>How many threads a trainer may use, for <c>NumberOfThreads</c>.</summary>
    public int Threads { get; }

    internal IReadOnlyDictionary<string, DataKind> Kinds => _kinds;

    /// <summary>
    /// Lets the pipeline read a column as another kind of data. Default: numbers, integers and booleans as <see cref="DataKind.Single"/>
    /// (missing is NaN), texts as <see cref="DataKind.String"/> (missing is empty), timestamps as
    /// <see cref="DataKind.DateTime"/>, vectors as vectors of <see cref="DataKind.Single"/>. The label is read as the pipeline's
    /// steps accept it: as text, true or false, a key, or a number.
    /// </summary>
    /// <param name="column">A column, or the label.</param>
    /// <param name="kind">
    /// Single, Double, Int32, Int64, Boolean, String or DateTime. Integers, booleans and points in time of ML.NET cannot be missing: a row
    /// without such a value is rejected. A timestamp as Double is in seconds since 1970-01-01 UTC.
    /// </param>
    /// <exception cref="MlOpsException">The column does not exist, or cannot be read so.</exception>
    public PipelineSettings Read(string column, DataKind kind)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(column);
        if (column != Label) _ = InputColumn.Of(Columns[column], kind);
        _kinds[column] = kind;
        return this;
    }
}
