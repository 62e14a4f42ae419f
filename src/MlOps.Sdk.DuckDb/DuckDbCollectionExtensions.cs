using MlOps.Sdk.Collection;

namespace MlOps.Sdk;

/// <summary>DuckDB for stage 2.</summary>
public static class DuckDbCollectionExtensions
{
    /// <summary>Adds the rows of a query that DuckDB runs; see <c>DataSources.DuckDb</c>.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="sql">The query.</param>
    /// <param name="configure">Sets limits, the files that are read, parameters and the key.</param>
    /// <param name="read">Says which columns and rows are read. Default: everything.</param>
    /// <returns>The builder.</returns>
    public static CollectionBuilder FromDuckDb(
        this CollectionBuilder builder,
        string sql,
        Action<DuckDbOptions>? configure = null,
        Action<SourceReading>? read = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.From(DataSources.DuckDb(sql, configure), read);
    }
}
