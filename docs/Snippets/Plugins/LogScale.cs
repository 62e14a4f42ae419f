// begin-snippet: custom-transform
using MlOps.Sdk;
using MlOps.Sdk.Data;
using MlOps.Sdk.Features;

namespace Acme;

/// <summary>log(1 + x) of an amount, centred on the training rows. Thread-safe.</summary>
public sealed class LogScale(string column) : IFeatureTransform
{
    public IReadOnlyList<string> Inputs => [column];

    public ValueTask<IFittedTransform> FitAsync(IFitContext context, CancellationToken cancellationToken = default)
    {
        var amounts = context.Rows[column];
        double sum = 0;
        var count = 0;
        for (var row = 0; row < amounts.Length; row++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (amounts.IsNull(row)) continue;
            if (amounts.GetNumber(row) < 0)
            {
                throw new MlOpsException("An amount is negative.", "Filter such rows out in ProcessData.") { Column = column };
            }
            sum += Math.Log(1 + amounts.GetNumber(row));
            count++;
        }

        return ValueTask.FromResult<IFittedTransform>(new FittedLogScale(context.Rows.Schema[column], count == 0 ? 0 : sum / count));
    }
}
// end-snippet
