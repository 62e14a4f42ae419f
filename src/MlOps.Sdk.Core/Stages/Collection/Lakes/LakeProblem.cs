using MlOps.Sdk.Data;

namespace MlOps.Sdk.Collection;

/// <summary>What readers of lakes say.</summary>
internal static class LakeProblem
{
    /// <summary>A manifest says files that are not there.</summary>
    public static MlOpsException Lacking(string place, string source) => new(
        $"A table below '{place}' lacks files that its manifest says.",
        "Run again if the table is being written now; else write it again, or delete its manifest in the folder " +
            $"'{LakeFile.ManifestFolder}' of the lake.") { DataSource = source };

    /// <summary>A manifest is of a time that cannot be, and would hide the table.</summary>
    public static MlOpsException Ahead(string key, string source) => new(
        $"The manifest '{PrintableText.Clean(key)}' is of an attempt more than a day ahead of the clock: taken for the last one, it " +
            "would hide the table.",
        "Find out who wrote it. If nobody of yours did, delete it. If a clock was wrong, correct it, delete the manifest, and write the " +
            "table again.") { DataSource = source };

    /// <summary>A file of a lake is read from a folder of its partition, where no manifest is.</summary>
    public static MlOpsException Part(string key, string source) => new(
        $"The file '{PrintableText.Shorten(key)}' is one of a table in a lake, and its manifest is in none of the folders that are read.",
        "Read the lake with the prefix it was written to, and choose files with the pattern or a range.") { DataSource = source };

    /// <summary>Says that files are left out.</summary>
    public static string LeftOut(string source, int count) => FormattableString.Invariant(
        $"{source}: {count:N0} files of tables that were not completely written, or were written again, are left out.");
}
