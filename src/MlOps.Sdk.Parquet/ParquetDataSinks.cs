using MlOps.Sdk.Collection;
using MlOps.Sdk.Storage;

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
            var options = OptionsOf(new ParquetSinkOptions(), configure);
            return new FileSink(path, (stream, name) => ParquetEncoder.To(stream, name, options));
        }

        /// <summary>
        /// A folder of Parquet files, divided by the values of columns as Hive does it: <c>year=2024/month=3/part-….parquet</c>. These
        /// columns are in the paths alone; <c>DataSources.ParquetFolder</c> reads them back, as whole numbers where all values are. Each
        /// table that is written adds files and changes none (<c>DataSinks.ParquetObjects</c> replaces tables by name, in a folder, too),
        /// for the account of this process alone. Its files are written under other
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
            return new ParquetFolderSink(
                path, CheckPartition(partitionBy), OptionsOf(new ParquetSinkOptions(), configure), TimeProvider.System);
        }

        /// <summary>
        /// Tables in an object store, such as a bucket of S3, a container of Azure Blob Storage or a folder: Parquet files, divided by the
        /// values of columns as Hive does it, such as <c>year=2026/month=3/lake-….parquet</c>. <c>FromObjects</c> with
        /// <c>objects.Parquet()</c> reads them back. A table shows at once, when its manifest is stored below <c>_mlops/</c> as the last
        /// object; one that is written again under its name takes the place of the earlier one, and is there once. A table that is
        /// abandoned, or whose process is killed, shows nothing: its files are left out by readers of this library, and removed by the next
        /// writing. Other programs see the files themselves: let them read those that the manifest lists, or read when nothing is written.
        /// Thread-safe, also between processes.
        /// </summary>
        /// <param name="store">The store; it is not disposed of.</param>
        /// <param name="prefix">The folder of the keys, such as <c>scores/churn</c>; empty for the whole store.</param>
        /// <param name="partitionBy">
        /// Columns of whole numbers or texts, in the order of the folders; none for files without folders. Their texts may not be empty.
        /// A table may have up to 500 combinations of their values.
        /// </param>
        /// <param name="configure">Sets the rows of a row group, the compression, and when files count as left behind.</param>
        /// <exception cref="ArgumentException">A column is named twice or not at all, or the prefix is no folder of keys.</exception>
        /// <exception cref="MlOpsException">An option is not valid.</exception>
        public static ITableSink ParquetObjects(
            IObjectStore store, string prefix, IReadOnlyList<string> partitionBy, Action<ParquetObjectOptions>? configure = null)
        {
            ArgumentNullException.ThrowIfNull(store);
            ArgumentNullException.ThrowIfNull(partitionBy);
            return new ParquetObjectSink(
                store,
                ObjectKey.Folder(prefix, nameof(prefix)),
                CheckPartition(partitionBy),
                OptionsOf(new ParquetObjectOptions(), configure),
                TimeProvider.System);
        }
    }

    private static IReadOnlyList<string> CheckPartition(IReadOnlyList<string> partitionBy) =>
        partitionBy.Any(string.IsNullOrEmpty) || partitionBy.Distinct(StringComparer.Ordinal).Count() != partitionBy.Count
            ? throw new ArgumentException("Name each column, and each only once.", nameof(partitionBy))
            : [.. partitionBy];

    private static T OptionsOf<T>(T options, Action<T>? configure)
        where T : ParquetSinkOptions
    {
        configure?.Invoke(options);
        options.Validate();
        return (T)options.Copy();
    }
}
