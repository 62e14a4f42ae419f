using System.Text.Json;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.Processing;

/// <summary>What a run of the steps gave.</summary>
internal sealed record ProcessingResult
{
    /// <summary>The columns of the train and holdout snapshots.</summary>
    public required Schema Schema { get; init; }

    /// <summary>Rows to learn from.</summary>
    public required long TrainRows { get; init; }

    /// <summary>Rows to be judged on.</summary>
    public required long HoldoutRows { get; init; }

    /// <summary>Rows that were quarantined, including those without a label.</summary>
    public required long QuarantinedRows { get; init; }

    /// <summary>Rows that were quarantined because they have no label.</summary>
    public required long RowsWithoutLabel { get; init; }

    /// <summary>Rows that are on neither side.</summary>
    public required long GapRows { get; init; }

    /// <summary>Rows that the splitter would have given to training, had an earlier run not sealed them.</summary>
    public required long SealedRows { get; init; }

    /// <summary>The results of the expectations, in order.</summary>
    public required IReadOnlyList<ExpectationResult> Expectations { get; init; }

    /// <summary>Rows before and after each step, in order.</summary>
    public required IReadOnlyList<StepCount> Steps { get; init; }

    /// <summary>The rows of each class on each side; empty for regression.</summary>
    public required IReadOnlyDictionary<string, SideCounts> Classes { get; init; }

    /// <summary>The keys of the rows that are held out, sorted and without repetition: what a ledger keeps.</summary>
    public required IReadOnlyList<RowKey> HoldoutKeys { get; init; }

    /// <summary>The keys of the rows to learn from, in their order.</summary>
    public required RowKeySet TrainRowKeys { get; init; }

    /// <summary>The keys of the rows to be judged on, in their order.</summary>
    public required RowKeySet HoldoutRowKeys { get; init; }

    /// <summary>What somebody should look at, as sentences.</summary>
    public required IReadOnlyList<string> Notes { get; init; }

    /// <summary>The results of the expectations as JSON.</summary>
    public byte[] ExpectationsJson() =>
        JsonSerializer.SerializeToUtf8Bytes(Expectations, ProcessingJson.Default.IReadOnlyListExpectationResult);
}
