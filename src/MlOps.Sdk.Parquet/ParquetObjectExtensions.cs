using MlOps.Sdk.Collection;

namespace MlOps.Sdk;

/// <summary>Parquet in object stores.</summary>
public static class ParquetObjectExtensions
{
    /// <summary>
    /// Reads objects with the extension <c>.parquet</c>, as <c>DataSources.Parquet</c> reads files: of each object the description at its
    /// end is fetched, and then the columns that are requested, one row group at a time. A range of a column leaves out row groups, and
    /// one of a column in the keys whole objects.
    /// </summary>
    /// <param name="objects">The options.</param>
    /// <param name="configure">Says by ranges which rows are read, and with how much memory. Default: all.</param>
    /// <returns>The options.</returns>
    /// <exception cref="MlOpsException">An option is not valid.</exception>
    public static ObjectSourceOptions Parquet(this ObjectSourceOptions objects, Action<ParquetSourceOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(objects);
        objects.Add(".parquet", new ParquetObjects(new PartitionRanges(ParquetDataSources.ReadingOf(configure))));
        return objects;
    }
}
