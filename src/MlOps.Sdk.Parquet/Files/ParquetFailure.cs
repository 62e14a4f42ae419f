using MlOps.Sdk.Data;

namespace MlOps.Sdk.Collection;

/// <summary>What is said of files that cannot be read.</summary>
internal static class ParquetFailure
{
    public static MlOpsException Damaged(string name, string what, Exception? cause = null, string? column = null) =>
        new($"The Parquet file is damaged or cut off: {what}.", "Write or copy it again.", cause) { DataSource = name, Column = column };

    public static MlOpsException Unsupported(string name, string what) =>
        new(
            $"The Parquet file cannot be read: {what}.",
            "Write it again with other settings: not encrypted, in one file, and in row groups of fewer rows.") { DataSource = name };

    public static MlOpsException TooManyParts(string name, string what, Exception? cause = null) =>
        new(
            $"The Parquet file cannot be read: {what}.",
            "Write it as several files, or in fewer columns and row groups, if it is the right one.",
            cause) { DataSource = name };

    public static MlOpsException Refused(string name, string column, string what, string remedy) =>
        new($"The column '{PrintableText.Shorten(column)}' of the Parquet file {what}, which is not supported.", remedy)
        {
            DataSource = name,
            Column = column,
        };
}
