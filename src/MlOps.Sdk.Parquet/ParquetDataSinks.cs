using MlOps.Sdk.Collection;

namespace MlOps.Sdk;

/// <summary>What <see cref="DataSinks"/> gains by Parquet.</summary>
public static class ParquetDataSinks
{
    extension(DataSinks)
    {
        /// <summary>
        /// A Parquet file, which keeps every value of every type; vectors are lists of float32. The file is written beside, for the account
        /// of this process alone, and takes the place of one that is there once it is whole. Thread-safe.
        /// </summary>
        /// <param name="path">The file, in a folder that exists.</param>
        /// <param name="configure">Sets the rows of a row group and the compression.</param>
        /// <exception cref="MlOpsException">An option is not valid.</exception>
        public static IDataSink Parquet(string path, Action<ParquetSinkOptions>? configure = null)
        {
            ArgumentException.ThrowIfNullOrWhiteSpace(path);
            var options = OptionsOf(configure);
            return new FileSink(path, (stream, name) => ParquetEncoder.To(stream, name, options));
        }

        /// <summary>
        /// A folder of Parquet files, divided by the values of columns as Hive does it: <c>year=2024/month=3/part-….parquet</c>. These
        /// columns are in the paths alone; <c>DataSources.ParquetFolder</c> reads them back, as whole numbers where all values are. Each
        /// table that is written adds files and changes none, for the account of this process alone. Its files are written under other
        /// names, and renamed when all are whole: a table that is abandoned, or whose process is killed, shows nothing. Thread-safe, also
        /// between processes.
        /// </summary>
        /// <param name="path">The folder; it is created where it is missing.</param>
        /// <param name="partitionBy">
        /// Columns of whole numbers or texts, in the order of the folders; none for files without folders. Their texts may not be empty.
        /// A table may have up to 500 combinations of their values.
        /// </param>
        /// <param name="configure">Sets the rows of a row group and the compression.</param>
        /// <exception cref="ArgumentException">A column is named twice or not at all.</exception>
        /// <exception cref="MlOpsException">An option is not valid.</exception>
        public static IDataSink ParquetFolder(
            string path, IReadOnlyList<string> partitionBy, Action<ParquetSinkOptions>? configure = null)
        {
            ArgumentException.ThrowIfNullOrWhiteSpace(path);
            ArgumentNullException.ThrowIfNull(partitionBy);
            if (partitionBy.Any(string.IsNullOrEmpty) || partitionBy.Distinct(StringComparer.Ordinal).Count() != partitionBy.Count)
            {
                throw new ArgumentException("Name each column, and each only once.", nameof(partitionBy));
            }
            return new ParquetFolderSink(path, [.. partitionBy], OptionsOf(configure), TimeProvider.System);
        }
    }

    private static ParquetSinkOptions OptionsOf(Action<ParquetSinkOptions>? configure)
    {
        var options = new ParquetSinkOptions();
        configure?.Invoke(options);
        options.Validate();
        return options.Copy();
    }
}
