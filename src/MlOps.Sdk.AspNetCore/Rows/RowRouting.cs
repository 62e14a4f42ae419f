using MlOps.Sdk.Deployment;

namespace MlOps.Sdk.AspNetCore;

/// <summary>What the rows of a request say themselves of the arm that answers them.</summary>
/// <param name="Key">The key; <see langword="null"/> where there is none.</param>
/// <param name="Id">The id of the only row; <see langword="null"/> where there is none, or there are more.</param>
internal readonly record struct RowRouting(string? Key, PredictionId? Id);
