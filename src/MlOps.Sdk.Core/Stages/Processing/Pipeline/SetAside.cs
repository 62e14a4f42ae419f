using MlOps.Sdk.Data;

namespace MlOps.Sdk.Processing;

/// <summary>Sets a row aside that an expectation does not let pass.</summary>
/// <param name="place">The expectation's place in the pipeline, from 0.</param>
/// <param name="expectation">The expectation's name.</param>
/// <param name="batch">The rows at this place.</param>
/// <param name="row">The row's number in the batch.</param>
/// <param name="cancellationToken">Cancels.</param>
internal delegate ValueTask SetAside(int place, string expectation, RecordBatch batch, int row, CancellationToken cancellationToken);
