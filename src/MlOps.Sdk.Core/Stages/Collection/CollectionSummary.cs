using MlOps.Sdk.Data;
using MlOps.Sdk.Reporting;

namespace MlOps.Sdk.Collection;

/// <summary>What came of stage 2.</summary>
public sealed record CollectionSummary
{
    /// <summary>The sources, in order.</summary>
    public required IReadOnlyList<SourceSummary> Sources { get; init; }

    /// <summary>What identifies the content of all sources together; <see langword="null"/> when one cannot tell.</summary>
    public string? Version { get; init; }

    /// <summary>The number of rows, earlier ones included.</summary>
    public required long Rows { get; init; }

    /// <summary>The number of rows that were taken over from an earlier run.</summary>
    public long EarlierRows { get; init; }

    /// <summary>The run that <see cref="EarlierRows"/> are of, or that <see cref="SourceReading.OnlyNew"/> continues from.</summary>
    public string? EarlierRun { get; init; }

    /// <summary>The number of rows that could not be read.</summary>
    public long Malformed { get; init; }

    /// <summary>The first rows that could not be read, up to 20.</summary>
    public IReadOnlyList<MalformedRow> MalformedExamples { get; init; } = [];

    /// <summary>The columns.</summary>
    public required IReadOnlyList<Field> Columns { get; init; }

    /// <summary>
    /// What should be looked at, as sentences: columns of numbers or dates that a few values, or their notation, make text.
    /// </summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>The code that read them: the assemblies of the library and the sources, with version and module id.</summary>
    public IReadOnlyList<string> Code { get; init; } = [];

    /// <summary>What was done to personal columns, a sentence each, with a digest of the key by which they were hashed.</summary>
    public IReadOnlyList<string> Personal { get; init; } = [];

    /// <summary>The record in a line; of long lists the first ten elements.</summary>
    public override string ToString() => RecordText.Of(this);
}
