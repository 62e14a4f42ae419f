using MlOps.Sdk.Collection;

namespace MlOps.Sdk;

/// <summary>Parquet for stage 2.</summary>
public static class ParquetCollectionExtensions
{
    /// <summary>Adds a Parquet file; see <c>DataSources.Parquet</c>.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="path">The file.</param>
    /// <param name="configure">Says by ranges which rows are read, so that row groups are left out. Default: all.</param>
    /// <param name="read">Says which columns and rows are read. Default: everything.</param>
    /// <returns>The builder.</returns>
    public static CollectionBuilder FromParquet(
        this CollectionBuilder builder,
        string path,
        Action<ParquetSourceOptions>? configure = null,
        Action<SourceReading>? read = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.From(DataSources.Parquet(path, configure), read);
    }

    /// <summary>Adds the Parquet files of a folder as one table; see <c>DataSources.ParquetFolder</c>.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="path">The folder.</param>
    /// <param name="configure">Says by ranges which rows are read, so that files and row groups are left out. Default: all.</param>
    /// <param name="read">Says which columns and rows are read. Default: everything.</param>
    /// <returns>The builder.</returns>
    public static CollectionBuilder FromParquetFolder(
        this CollectionBuilder builder,
        string path,
        Action<ParquetSourceOptions>? configure = null,
        Action<SourceReading>? read = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.From(DataSources.ParquetFolder(path, configure), read);
    }
}
