using MlOps.Sdk.Data;
using MlOps.Sdk.Problem;

namespace MlOps.Sdk.Processing;

/// <summary>What a run of the steps needs.</summary>
internal sealed record ProcessingRequest
{
    /// <summary>The columns of <see cref="Rows"/>.</summary>
    public required Schema Schema { get; init; }

    /// <summary>The rows, as they were collected; read once.</summary>
    public required IAsyncEnumerable<RecordBatch> Rows { get; init; }

    /// <summary>What is to be solved; names the label.</summary>
    public required ProblemDefinition Problem { get; init; }

    /// <summary>Makes row keys differ between lifecycles; must stay the same for the life of a lifecycle, or rows change sides.</summary>
    public required string Salt { get; init; }

    /// <summary>Where rows to learn from are written. The streams of all three are worthless when the run fails.</summary>
    public required ArrowWriter Train { get; init; }

    /// <summary>Where rows to be judged on are written.</summary>
    public required ArrowWriter Holdout { get; init; }

    /// <summary>
    /// Where the rows of <see cref="Train"/> are written as they are before the row-wise steps; not needed when there are none.
    /// </summary>
    public ArrowWriter? TrainRaw { get; init; }

    /// <summary>
    /// Where the rows of <see cref="Holdout"/> are written as they are before the row-wise steps; not needed when there are none.
    /// </summary>
    public ArrowWriter? HoldoutRaw { get; init; }

    /// <summary>Where quarantined rows are written, with the reason in the column <c>_expectation</c>.</summary>
    public required ArrowWriter Quarantine { get; init; }

    /// <summary>Rows that earlier runs were judged on: they stay held out, whatever the splitter says now.</summary>
    public IReadOnlyList<RowKeySet> Sealed { get; init; } = [];

    /// <summary>Where rows wait until all expectations are known. Default: the system's temporary directory.</summary>
    public string SpoolDirectory { get; init; } = Path.GetTempPath();

    /// <summary>Receives the number of rows read so far.</summary>
    public IProgress<long>? Progress { get; init; }
}
