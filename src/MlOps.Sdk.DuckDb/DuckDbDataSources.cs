using MlOps.Sdk.Collection;

namespace MlOps.Sdk;

/// <summary>What <see cref="DataSources"/> gains by DuckDB.</summary>
public static class DuckDbDataSources
{
    extension(DataSources)
    {
        /// <summary>
        /// The rows of a query that DuckDB runs within the process, streamed: over Parquet, CSV and JSON files larger than memory, or over
        /// a database file that is opened for reading. With an increasing key (<c>options.Reading.Increasing</c>) it can be resumed; with
        /// <see cref="DuckDbOptions.Files"/> it has a version. DuckDB loads no extension by itself, so the network is reached only where
        /// the query itself loads one. Thread-safe.
        /// </summary>
        /// <param name="sql">The query, for example <c>SELECT * FROM 'lake/**/*.parquet'</c>; parameters are written <c>$name</c>.</param>
        /// <param name="configure">Sets limits, the files that are read, parameters and the key.</param>
        /// <exception cref="MlOpsException">An option is not valid.</exception>
        public static IDataSource DuckDb(string sql, Action<DuckDbOptions>? configure = null)
        {
            ArgumentException.ThrowIfNullOrWhiteSpace(sql);
            var options = DuckDbOptions.Of(configure);
            options.Reading.Validate(sql);
            string[] files = [.. options.Files];
            if (files.Length > 0)
            {
                options.Reading.Content = (known, cancellationToken) => FileContents.ReadAsync(files, known, cancellationToken);
            }
            return new DatabaseSource(new DuckDbConnections(options), sql, options.Reading);
        }
    }
}
