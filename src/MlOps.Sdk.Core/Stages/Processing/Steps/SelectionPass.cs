using MlOps.Sdk.Data;

namespace MlOps.Sdk.Processing;

/// <summary>One pass of a step that keeps some rows. Not thread-safe.</summary>
/// <param name="Select">Says which rows of the next batch are kept, by their numbers in the batch, in order.</param>
/// <param name="Observe">
/// Looks at all batches before the first is selected from; <see langword="null"/> when the step judges rows as they come.
/// </param>
internal sealed record SelectionPass(Func<RecordBatch, IReadOnlyList<int>> Select, Action<RecordBatch>? Observe = null);
