using MlOps.Sdk.Collection;
using MlOps.Sdk.Data;

namespace MlOps.Sdk;

/// <summary>Rows in a warehouse: a table, a view or a query. Immutable and thread-safe.</summary>
/// <remarks>
/// Where a table has no order, nothing depends on the order of rows: expectations that do are rejected, and drift takes rows for
/// independent.
/// </remarks>
public sealed class WarehouseTable
{
    internal WarehouseTable(Warehouse warehouse, string name, string relation)
        : this(warehouse, name, relation, [])
    {
    }

    private WarehouseTable(Warehouse warehouse, string name, string relation, IReadOnlyList<string> partitions) =>
        (Warehouse, Name, Relation, Partitions) = (warehouse, name, relation, partitions);

    /// <summary>The name for reports.</summary>
    public string Name { get; }

    /// <summary>Where it is.</summary>
    public Warehouse Warehouse { get; }

    /// <summary>What follows FROM, without an alias.</summary>
    internal string Relation { get; }

    internal IReadOnlyList<string> Partitions { get; }

    /// <summary>The query that gives all rows, in the SQL of the warehouse; it may contain what a query of the program contains.</summary>
    public string Sql => $"SELECT * FROM {Relation} AS mlops_rows";

    /// <summary>The rows as a source for stage 2, streamed.</summary>
    /// <param name="configure">Sets the schema and a name; the query is <see cref="Sql"/>. Default: the table's name.</param>
    public IDataSource ToSource(Action<DatabaseOptions>? configure = null) => DataSources.Database(Warehouse.Database, Sql, options =>
    {
        (options.Name, options.CommandTimeout) = (Name, Warehouse.CommandTimeout);
        configure?.Invoke(options);
    });

    /// <summary>The rows that fulfil a condition.</summary>
    internal WarehouseTable Where(string name, string condition) =>
        new(Warehouse, name, $"(SELECT * FROM {Relation} AS mlops_rows WHERE {condition})", Partitions);

    /// <summary>
    /// Says by which columns a table is divided over machines. Every statement then also groups by them, so that each machine aggregates
    /// its own rows (partition-wise aggregates of PostgreSQL, also over <c>postgres_fdw</c>), and the parts are merged here. The columns
    /// should have few values.
    /// </summary>
    /// <param name="columns">The columns of the partition key.</param>
    /// <returns>The table with that hint.</returns>
    public WarehouseTable PartitionedBy(params string[] columns)
    {
        ArgumentNullException.ThrowIfNull(columns);
        if (columns.Length == 0 || columns.Any(string.IsNullOrEmpty)) throw new ArgumentException("Name the columns.", nameof(columns));
        return new WarehouseTable(Warehouse, Name, Relation, [.. columns]);
    }

    /// <summary>Asks for the columns and their types.</summary>
    /// <param name="cancellationToken">Cancels the question.</param>
    /// <exception cref="MlOpsException">The table cannot be read, or a column has a type that is not supported.</exception>
    public async Task<Schema> SchemaAsync(CancellationToken cancellationToken = default)
    {
        var reading = await TableReading.OpenAsync(this, cancellationToken).ConfigureAwait(false);
        await using (reading.ConfigureAwait(false)) return reading.Schema;
    }

    /// <summary>The table's name.</summary>
    public override string ToString() => Name;
}
