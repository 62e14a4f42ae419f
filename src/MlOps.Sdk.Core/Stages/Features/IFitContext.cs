using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using MlOps.Sdk.Data;
using MlOps.Sdk.Problem;

namespace MlOps.Sdk.Features;

/// <summary>What a transform may learn from: training rows, and nothing else.</summary>
public interface IFitContext
{
    /// <summary>What is to be solved.</summary>
    ProblemDefinition Problem { get; }

    /// <summary>The training rows, after the row-wise steps, with the label column.</summary>
    Dataset Rows { get; }

    /// <summary>Columns that are recorded and must not become features.</summary>
    IReadOnlyList<string> Observed { get; }

    /// <summary>
    /// The column of row weights, which a transform that chooses its columns leaves out; <see langword="null"/> for none.
    /// </summary>
    string? Weight { get; }

    /// <summary>A seed for whatever is drawn; the same in every run of a lifecycle.</summary>
    int Seed { get; }

    /// <summary>Where a transform logs. Default: nowhere.</summary>
    ILogger Logger => NullLogger.Instance;
}
