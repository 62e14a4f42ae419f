using MlOps.Sdk.Collection;

namespace MlOps.Sdk;

/// <summary>What <see cref="Warehouse"/> gains by DuckDB.</summary>
public static class DuckDbWarehouses
{
    extension(Warehouse)
    {
        /// <summary>
        /// DuckDB within the process as a warehouse: <c>Warehouse.DuckDb().Query("SELECT * FROM 'lake/**/*.parquet'")</c> is profiled,
        /// checked, compared and split in SQL, in memory that does not grow with the rows.
        /// </summary>
        /// <param name="configure">Sets limits and the database file.</param>
        /// <exception cref="MlOpsException">An option is not valid.</exception>
        public static Warehouse DuckDb(Action<DuckDbOptions>? configure = null)
        {
            var options = DuckDbOptions.Of(configure);
            return new Warehouse(new DuckDbConnections(options), new DuckDbDialect(), asking =>
                (asking.Name, asking.CommandTimeout, asking.Progress) =
                (options.Asking.Name, options.Asking.CommandTimeout, options.Asking.Progress));
        }
    }
}
