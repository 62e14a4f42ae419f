namespace MlOps.Sdk.Collection;

/// <summary>How rows are inserted into a table of a database.</summary>
public sealed class DatabaseSinkOptions
{
    /// <summary>
    /// Whether the table is created where it is missing, in the same transaction: numbers are <c>DOUBLE PRECISION</c>, integers
    /// <c>BIGINT</c>, booleans <c>BOOLEAN</c>, texts <c>TEXT</c> and points in time <c>TIMESTAMP WITH TIME ZONE</c>, as PostgreSQL and
    /// SQLite understand them. Default: <see langword="false"/>, a missing table is an error.
    /// </summary>
    public bool CreateTable { get; set; }

    /// <summary>How long a command may take. Default: 30 seconds.</summary>
    public TimeSpan CommandTimeout { get; set; } = TimeSpan.FromSeconds(30);

    internal void Validate()
    {
        if (CommandTimeout <= TimeSpan.Zero || CommandTimeout.TotalSeconds > int.MaxValue)
        {
            throw new MlOpsException($"{CommandTimeout} is not a valid command timeout.", "Give more than zero.");
        }
    }
}
