using System.CommandLine;
using MlOps.Sdk.Collection;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.Tool;

/// <summary>A file with a table, whose format its name tells.</summary>
internal static class TableFile
{
    private const string Formats = ".csv, .tsv, .txt, .jsonl, .ndjson, .arrow, .feather or .parquet; CSV and JSON lines also with .gz";

    public static Argument<string> NewArgument(string name, string description) =>
        new(name) { Description = $"{description}: {Formats}." };

    public static Option<string?> NewDelimiter()
    {
        var delimiter = new Option<string?>("--delimiter")
        {
            Description = "What separates the columns of CSV files. Default: a comma, a tab for .tsv.",
            HelpName = "character",
        };
        delimiter.Allow(
            text => text is null or "\\t" || (text.Length == 1 && char.IsAscii(text[0])), "one ASCII character, or \\t for a tab");
        return delimiter;
    }

    /// <summary>The rows of a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="delimiter">What separates the columns of CSV files; <see langword="null"/> for what is usual.</param>
    /// <param name="schema">The types of the columns where the format does not tell them; <see langword="null"/> to find them out.</param>
    /// <exception cref="MlOpsException">There is no such file.</exception>
    /// <exception cref="UsageException">Its format is unknown.</exception>
    public static IDataSource Open(string path, string? delimiter = null, Schema? schema = null)
    {
        var extension = ExtensionOf(path, out var isPacked);
        var source = (extension, isPacked) switch
        {
            (".csv" or ".tsv" or ".txt", _) => DataSources.Csv(path, csv =>
            {
                csv.Delimiter = delimiter switch { null => extension == ".tsv" ? '\t' : ',', "\\t" => '\t', _ => delimiter[0] };
                csv.Schema = schema;
            }),
            (".jsonl" or ".ndjson", _) => DataSources.JsonLines(path, json => json.Schema = schema),
            (".arrow" or ".feather", false) => DataSources.Arrow(path),
            (".parquet", false) => DataSources.Parquet(path),
            _ => throw Unknown(path, Formats),
        };
        return File.Exists(path)
            ? source
            : throw new MlOpsException($"There is no file '{path}'.", "Check the path; it is read from the current folder.");
    }

    /// <summary>Whether a file says what types its columns have.</summary>
    public static bool HasTypes(string path) => ExtensionOf(path, out _) is ".arrow" or ".feather" or ".parquet";

    /// <summary>Where rows are written to.</summary>
    /// <exception cref="UsageException">The format is none that is written.</exception>
    public static IDataSink Create(string path) => Path.GetExtension(path).ToLowerInvariant() switch
    {
        ".csv" => DataSinks.Csv(path),
        ".tsv" => DataSinks.Csv(path, csv => csv.Delimiter = '\t'),
        ".arrow" or ".feather" => DataSinks.Arrow(path),
        ".parquet" => DataSinks.Parquet(path),
        _ => throw Unknown(path, ".csv, .tsv, .arrow, .feather or .parquet"),
    };

    private static string ExtensionOf(string path, out bool isPacked)
    {
        isPacked = path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase);
        return Path.GetExtension(isPacked ? path[..^3] : path).ToLowerInvariant();
    }

    private static UsageException Unknown(string path, string formats) => new(
        $"The name of '{path}' does not tell its format.", $"Name a file that ends with {formats}.");
}
