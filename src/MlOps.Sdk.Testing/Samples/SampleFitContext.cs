using MlOps.Sdk.Data;
using MlOps.Sdk.Features;
using MlOps.Sdk.Problem;

namespace MlOps.Sdk.Testing;

/// <summary>What a transform learns from, made up for a test. Immutable.</summary>
/// <param name="rows">The training rows.</param>
/// <param name="label">The column with the truth. Default: <see cref="SampleRows.Label"/>.</param>
/// <param name="observed">Columns that must not become features.</param>
/// <param name="seed">The seed.</param>
/// <param name="weight">The column of row weights.</param>
public sealed class SampleFitContext(
    Dataset rows, string label = SampleRows.Label, IReadOnlyList<string>? observed = null, int seed = 1, string? weight = null)
    : IFitContext
{
    /// <inheritdoc/>
    public ProblemDefinition Problem { get; } = new()
    {
        Task = TaskKind.BinaryClassification,
        Label = label,
        PositiveClass = SampleRows.Positive
    };

    /// <inheritdoc/>
    public Dataset Rows => rows;

    /// <inheritdoc/>
    public IReadOnlyList<string> Observed => observed ?? [];

    /// <inheritdoc/>
    public string? Weight => weight;

    /// <inheritdoc/>
    public int Seed => seed;
}
