using MlOps.Sdk.Collection;

namespace MlOps.Sdk;

/// <summary>What <see cref="DataSources"/> and <see cref="Warehouse"/> gain by DuckDB.</summary>
public static class DuckDbDataSources
{
    extension(DataSources)
    {
        /// <summary>
        /// The rows of a query that DuckDB runs within the process, streamed: over Parquet, CSV and JSON files larger than memory, or over a
        /// database file that is opened for reading. With an increasing key (<c>options.Reading.Increasing</c>) it can be resumed; with
        /// <see cref="DuckDbOptions.Files"/> it has a version. DuckDB loads no extension by itself, so the network is reached only where the
        /// query itself loads one. Thread-safe.
        /// </summary>
        /// <param name="sql">The query, for example <c>SELECT * FROM 'lake/**/*.parquet'</c>; parameters are written <c>$name</c>.</param>
        /// <param name="configure">Sets limits, the files that are read, parameters and the key.</param>
        /// <exception cref="MlOpsException">An option is not valid.</exception>
        public static IDataSource DuckDb(string sql, Action<DuckDbOptions>? configure = null)
        {
            ArgumentException.ThrowIfNullOrWhiteSpace(sql);
            var options = OptionsOf(configure);
            options.Reading.Validate(sql);
            string[] files = [.. options.Files];
            if (files.Length > 0) options.Reading.Content = cancellationToken => FileContents.HashAsync(files, cancellationToken);
            return new DatabaseSource(new DuckDbConnections(options), sql, options.Reading);
        }
    }

    extension(Warehouse)
    {
        /// <summary>
        /// DuckDB within the process as a warehouse: <c>Warehouse.DuckDb().Query("SELECT * FROM 'lake/**/*.parquet'")</c> is profiled, checked,
        /// compared and split in SQL, in memory that does not grow with the rows.
        /// </summary>
        /// <param name="configure">Sets limits and the database file.</param>
        /// <exception cref="MlOpsException">An option is not valid.</exception>
        public static Warehouse DuckDb(Action<DuckDbOptions>? configure = null)
        {
            var options = OptionsOf(configure);
            return new Warehouse(new DuckDbConnections(options), new DuckDbDialect(), asking =>
                (asking.Name, asking.CommandTimeout, asking.Progress) =
                (options.Asking.Name, options.Asking.CommandTimeout, options.Asking.Progress));
        }
    }

    private static DuckDbOptions OptionsOf(Action<DuckDbOptions>? configure)
    {
        var options = new DuckDbOptions();
        configure?.Invoke(options);
        options.Validate();
        return options;
    }
}
