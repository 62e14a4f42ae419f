using MlOps.Sdk.Registry;

namespace MlOps.Sdk.Deployment;

/// <summary>
/// Answers a row in the place of a model. It may be called by several threads at once, and should not take long: callers wait for it.
/// </summary>
/// <param name="row">The row, in the columns that the model reads.</param>
/// <returns>The answer, of the model's task and classes.</returns>
public delegate FallbackAnswer FallbackRule(FallbackRow row);
