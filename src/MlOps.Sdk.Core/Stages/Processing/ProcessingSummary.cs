using MlOps.Sdk.Reporting;

namespace MlOps.Sdk.Processing;

/// <summary>What came of stage 3.</summary>
public sealed record ProcessingSummary
{
    /// <summary>Rows to learn from.</summary>
    public required long TrainRows { get; init; }

    /// <summary>Rows to be judged on; no model ever trains on them.</summary>
    public required long HoldoutRows { get; init; }

    /// <summary>Rows that were quarantined, including those without a label.</summary>
    public required long QuarantinedRows { get; init; }

    /// <summary>Rows that were quarantined because they have no label.</summary>
    public required long RowsWithoutLabel { get; init; }

    /// <summary>Rows on neither side: those in the gap of a split by time.</summary>
    public long GapRows { get; init; }

    /// <summary>Rows before and after each step, in order.</summary>
    public required IReadOnlyList<StepCount> Steps { get; init; }

    /// <summary>The results of the expectations, in order.</summary>
    public required IReadOnlyList<ExpectationResult> Expectations { get; init; }

    /// <summary>What should be looked at, as sentences: joins in which no row found a counterpart.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>The SHA-256 of the snapshot of the collected rows, of which these rows are made.</summary>
    public string? CollectedRows { get; init; }

    /// <summary>The code that made them: the assemblies of the library, the steps and the splitter, with version and module id.</summary>
    public IReadOnlyList<string> Code { get; init; } = [];

    /// <summary>The rows of each class on each side; empty for regression.</summary>
    public required IReadOnlyDictionary<string, SideCounts> Classes { get; init; }

    /// <summary>The record in a line; of long lists the first ten elements.</summary>
    public override string ToString() => RecordText.Of(this);
}
