using Microsoft.Extensions.Logging;
using MlOps.Sdk.Data;
using MlOps.Sdk.Problem;

namespace MlOps.Sdk.Features;

internal sealed record FitContext(
    ProblemDefinition Problem, Dataset Rows, IReadOnlyList<string> Observed, string? Weight, int Seed, ILogger Logger) : IFitContext;
