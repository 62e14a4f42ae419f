using MlOps.Sdk.Collection;

namespace MlOps.Sdk;

/// <summary>What <see cref="DataSources"/> gains by Parquet.</summary>
public static class ParquetDataSources
{
    extension(DataSources)
    {
        /// <summary>
        /// A Parquet file. Only the columns that are requested are read, one row group in memory at a time. Opening it reads all bytes
        /// once, to tell by their hash whether the file is the same as before. Numbers of all sizes, decimals, booleans, texts, dates,
        /// timestamps, UUIDs, and lists of float32 of one length are read; another column is rejected by name when it is requested.
        /// Thread-safe.
        /// </summary>
        /// <param name="path">The file.</param>
        /// <param name="configure">Says which rows are read, and with how much memory. Default: all.</param>
        /// <exception cref="MlOpsException">An option is not valid.</exception>
        public static IDataSource Parquet(string path, Action<ParquetSourceOptions>? configure = null)
        {
            ArgumentException.ThrowIfNullOrWhiteSpace(path);
            return new ParquetSource(path, ReadingOf(configure));
        }

        /// <summary>
        /// The Parquet files of a folder as one table, in the ordinal order of their paths. All have the same columns. Folders named like
        /// <c>year=2024</c> are columns, integers where all values are; a range of such a column leaves out whole files. Symbolic links are
        /// not followed. Files of a table that <c>DataSinks.ParquetFolder</c> has not completely written are left out. Thread-safe.
        /// </summary>
        /// <param name="path">The folder.</param>
        /// <param name="configure">Says which rows are read, and with how much memory. Default: all.</param>
        /// <param name="glob">
        /// Which files: <c>*</c> matches any characters of a name, <c>?</c> one, <c>**</c> any number of folders. Default:
        /// <c>**/*.parquet</c>, all files of that extension.
        /// </param>
        /// <exception cref="MlOpsException">The pattern or an option is not valid.</exception>
        public static IDataSource ParquetFolder(
            string path, Action<ParquetSourceOptions>? configure = null, string glob = "**/*.parquet")
        {
            ArgumentException.ThrowIfNullOrWhiteSpace(path);
            ArgumentException.ThrowIfNullOrWhiteSpace(glob);
            var files = new ParquetFolderFiles(path, new PartitionRanges(ReadingOf(configure)), TimeProvider.System);
            return new FolderSource(path, glob, files.FileOf, files.Choose);
        }
    }

    internal static ParquetReading ReadingOf(Action<ParquetSourceOptions>? configure)
    {
        var options = new ParquetSourceOptions();
        configure?.Invoke(options);
        options.Validate();
        return new ParquetReading([.. options.Ranges], options.MaxRowGroupBytes);
    }
}
