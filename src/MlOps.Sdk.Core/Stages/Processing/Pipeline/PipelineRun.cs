using System.Runtime.CompilerServices;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.Processing;

/// <summary>One pass of rows through the steps of a pipeline: what it needs, and what it counts. Not thread-safe.</summary>
/// <param name="places">The schema before each step, and after the last.</param>
internal sealed class PipelineRun(IReadOnlyList<Schema> places)
{
    public IReadOnlyList<Schema> Places => places;

    /// <summary>The columns after the last step.</summary>
    public Schema Schema => places[^1];

    /// <summary>The rows before each step, and after the last.</summary>
    public long[] Counts { get; } = new long[places.Count];

    /// <summary>The expectations, by their places among the steps.</summary>
    public SortedDictionary<int, ExpectationTally> Tallies { get; } = [];

    /// <summary>
    /// The place where rows are as a served model receives them: there they get their keys, and from there on they remember what they
    /// were. Default: nowhere.
    /// </summary>
    public int? Served { get; init; }

    /// <summary>Computes the keys of the batches that come to <see cref="Served"/>, in order.</summary>
    public Func<RecordBatch, RowKey[]> Keys { get; init; } = batch => new RowKey[batch.RowCount];

    /// <summary>Where rows go that an expectation sets aside. Default: nowhere.</summary>
    public SetAside SetAside { get; init; } = (_, _, _, _, _) => ValueTask.CompletedTask;

    /// <summary>Where rows wait for a step that looks at all of them first. Default: in memory.</summary>
    public string? SpoolDirectory { get; init; }

    /// <summary>Columns whose values may be kept in no name and no message. Default: none.</summary>
    public IReadOnlyCollection<string> Personal { get; init; } = [];

    /// <summary>Counts rows at a place, and gives them their keys where it is that of the served rows.</summary>
    public async IAsyncEnumerable<KeyedBatch> At(
        int place, IAsyncEnumerable<KeyedBatch> rows, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var batch in rows.WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            Counts[place] += batch.Batch.RowCount;
            yield return place == Served ? batch with { Keys = Keys(batch.Batch) } : batch;
        }
    }
}
