using MlOps.Sdk.Data;
using MlOps.Sdk.Features;
using MlOps.Sdk.Problem;

namespace MlOps.Sdk.Testing;

/// <summary>Cancels the fitting that requests the rows.</summary>
internal sealed class CancellingFitContext(IFitContext inner, CancellationTokenSource cancellation) : IFitContext
{
    public ProblemDefinition Problem => inner.Problem;

    public Dataset Rows
    {
        get
        {
            cancellation.Cancel();
            return inner.Rows;
        }
    }

    public IReadOnlyList<string> Observed => inner.Observed;

    public string? Weight => inner.Weight;

    public int Seed => inner.Seed;
}
