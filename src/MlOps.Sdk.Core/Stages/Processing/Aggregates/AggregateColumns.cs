namespace MlOps.Sdk.Processing;

/// <summary>
/// What <c>Aggregate</c> computes from the rows of each group, each under its own name. Missing values and NaN are skipped; where a
/// group has no value, the result is missing, except for counts, which are 0 then. Not thread-safe.
/// </summary>
public sealed class AggregateColumns
{
    private readonly List<AggregateColumn> _columns = [];

    internal AggregateColumns()
    {
    }

    internal IReadOnlyList<AggregateColumn> Columns => _columns;

    /// <summary>The number of rows, as Integer.</summary>
    /// <param name="name">The new column.</param>
    public AggregateColumns Count(string name) => Add(AggregateKind.Rows, "", name);

    /// <summary>The number of values of a column, as Integer.</summary>
    /// <param name="column">The column, of any type.</param>
    /// <param name="name">The new column.</param>
    public AggregateColumns Count(string column, string name) => Add(AggregateKind.Values, Of(column), name);

    /// <summary>The sum, as Number, summed with compensation (Neumaier 1974).</summary>
    /// <param name="column">The column: Number, Integer or Boolean.</param>
    /// <param name="name">The new column.</param>
    public AggregateColumns Sum(string column, string name) => Add(AggregateKind.Sum, Of(column), name);

    /// <summary>The mean, as Number.</summary>
    /// <param name="column">The column: Number, Integer or Boolean.</param>
    /// <param name="name">The new column.</param>
    public AggregateColumns Mean(string column, string name) => Add(AggregateKind.Mean, Of(column), name);

    /// <summary>
    /// The standard deviation of a sample (divided by n − 1), as Number; missing for fewer than two values. By Welford's update (1962).
    /// </summary>
    /// <param name="column">The column: Number, Integer or Boolean.</param>
    /// <param name="name">The new column.</param>
    public AggregateColumns StandardDeviation(string column, string name) => Add(AggregateKind.StandardDeviation, Of(column), name);

    /// <summary>The smallest value, of the column's type.</summary>
    /// <param name="column">The column: Number, Integer or Timestamp.</param>
    /// <param name="name">The new column.</param>
    public AggregateColumns Min(string column, string name) => Add(AggregateKind.Minimum, Of(column), name);

    /// <summary>The largest value, of the column's type.</summary>
    /// <param name="column">The column: Number, Integer or Timestamp.</param>
    /// <param name="name">The new column.</param>
    public AggregateColumns Max(string column, string name) => Add(AggregateKind.Maximum, Of(column), name);

    /// <summary>The number of different values, as Integer. A 128-bit hash is kept of each.</summary>
    /// <param name="column">The column, of any type.</param>
    /// <param name="name">The new column.</param>
    public AggregateColumns DistinctCount(string column, string name) => Add(AggregateKind.DistinctValues, Of(column), name);

    /// <summary>The value of the earliest row that has one; of rows of the same time, the first.</summary>
    /// <param name="column">The column, of any type.</param>
    /// <param name="name">The new column.</param>
    public AggregateColumns First(string column, string name) => Add(AggregateKind.First, Of(column), name);

    /// <summary>The value of the latest row that has one; of rows of the same time, the last.</summary>
    /// <param name="column">The column, of any type.</param>
    /// <param name="name">The new column.</param>
    public AggregateColumns Last(string column, string name) => Add(AggregateKind.Last, Of(column), name);

    private static string Of(string column)
    {
        ArgumentException.ThrowIfNullOrEmpty(column);
        return column;
    }

    private AggregateColumns Add(AggregateKind kind, string column, string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        _columns.Add(new AggregateColumn(kind, column, name));
        return this;
    }
}
