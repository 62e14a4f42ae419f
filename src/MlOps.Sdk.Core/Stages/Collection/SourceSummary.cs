namespace MlOps.Sdk.Collection;

/// <summary>What was read of one source.</summary>
/// <param name="Name">The source.</param>
/// <param name="Version">What identifies its content; <see langword="null"/> when it cannot tell.</param>
/// <param name="Query">What was asked of it where that is not all of it; without secrets.</param>
/// <param name="Rows">The rows that were read of it and kept.</param>
/// <param name="Malformed">The rows that could not be read.</param>
/// <param name="Watermark">How far it was read; <see langword="null"/> when it cannot tell.</param>
public sealed record SourceSummary(string Name, string? Version, string? Query, long Rows, long Malformed, string? Watermark)
{
    /// <summary>
    /// What identifies the content of tables in which values of the rows were looked up, as by a join;
    /// <see langword="null"/> where there were none.
    /// </summary>
    public string? ReferenceVersion { get; init; }

    /// <summary>What was asked of several sources together, each by its name; <see langword="null"/> where it is all of them.</summary>
    internal static string? QueryOf(IEnumerable<(string Name, string? Query)> sources)
    {
        string[] queries = [.. sources.Where(source => source.Query is not null).Select(source => $"{source.Name}: {source.Query}")];
        return queries.Length == 0 ? null : string.Join("; ", queries);
    }
}
