using System.Data.Common;
using MlOps.Sdk.Collection;

namespace MlOps.Sdk;

/// <summary>
/// A database whose tables are profiled, checked, compared and split where they are: statements go there, and counts come back. Immutable
/// and thread-safe as far as the provider's data source is.
/// </summary>
public sealed class Warehouse
{
    /// <summary>Creates a warehouse.</summary>
    /// <param name="database">Where connections come from, for example an <c>NpgsqlDataSource</c>; it is not disposed of.</param>
    /// <param name="dialect">The SQL of the database.</param>
    /// <param name="configure">Sets the name, the time a statement may take, and who is told of progress.</param>
    /// <exception cref="MlOpsException">An option is not valid.</exception>
    public Warehouse(DbDataSource database, WarehouseDialect dialect, Action<WarehouseOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(database);
        ArgumentNullException.ThrowIfNull(dialect);
        var options = new WarehouseOptions();
        configure?.Invoke(options);
        options.Validate();
        (Database, Dialect) = (database, dialect);
        (Name, CommandTimeout, Progress) = (options.Name ?? dialect.Name, options.CommandTimeout, options.Progress);
    }

    /// <summary>The name for messages and reports.</summary>
    public string Name { get; }

    /// <summary>The SQL of the database.</summary>
    public WarehouseDialect Dialect { get; }

    internal DbDataSource Database { get; }

    internal TimeSpan CommandTimeout { get; }

    internal IProgress<WarehouseProgress>? Progress { get; }

    /// <summary>A table or view.</summary>
    /// <param name="name">Its name as the database knows it, without quotes; after the schema's where there is one.</param>
    /// <returns>The table; nothing is asked yet.</returns>
    public WarehouseTable Table(params string[] name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (name.Length == 0 || name.Any(string.IsNullOrEmpty)) throw new ArgumentException("Give the table's name.", nameof(name));
        return new WarehouseTable(this, string.Join('.', name), string.Join('.', name.Select(Dialect.Quote)));
    }

    /// <summary>The rows of a query, for example over files. It is asked several times, so it must give the same rows each time.</summary>
    /// <param name="sql">The query, in the database's own SQL; it comes from the program, never from its input.</param>
    /// <param name="name">A name for reports. Default: <c>query</c>.</param>
    /// <returns>The rows; nothing is asked yet.</returns>
    public WarehouseTable Query(string sql, string name = "query")
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(sql);
        ArgumentException.ThrowIfNullOrWhiteSpace(name);

        // A comment at the end must not hide the parenthesis.
        return new WarehouseTable(this, name, $"({QueryEnd.Cut(sql)}\n)");
    }
}
