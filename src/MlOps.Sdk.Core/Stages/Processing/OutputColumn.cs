namespace MlOps.Sdk.Processing;

/// <summary>Where a column of a row-wise step's output comes from.</summary>
public sealed class OutputColumn
{
    private OutputColumn(int input, ColumnComputation? computation)
    {
        Input = input;
        Computation = computation;
    }

    /// <summary>The position in the schema before the step of a column that passes through; -1 for a computed one.</summary>
    public int Input { get; }

    /// <summary>How the column is computed; <see langword="null"/> for one that passes through.</summary>
    public ColumnComputation? Computation { get; }

    /// <summary>The column passes through, perhaps under another name.</summary>
    /// <param name="input">Its position in the schema before the step.</param>
    public static OutputColumn PassThrough(int input) => new(input, null);

    /// <summary>The column is computed.</summary>
    /// <param name="computation">Appends one value per row; thread-safe.</param>
    public static OutputColumn Computed(ColumnComputation computation) => new(-1, computation);
}
