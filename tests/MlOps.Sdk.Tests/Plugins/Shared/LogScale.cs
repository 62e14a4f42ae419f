using MlOps.Sdk.Data;
using MlOps.Sdk.Features;

namespace MlOps.Sdk.Tests.Plugins;

/// <summary>A feature transform of a team's own: the signed logarithm of numbers, with missing ones at the mean of the others.</summary>
public sealed class LogScale(params string[] columns) : IFeatureTransform
{
    public IReadOnlyList<string> Inputs => columns;

    public ValueTask<IFittedTransform> FitAsync(IFitContext context, CancellationToken cancellationToken = default)
    {
        var fields = columns.Select(column => context.Rows.Schema[column]).ToArray();
        var fills = new double[columns.Length];
        for (var i = 0; i < fills.Length; i++)
        {
            var column = context.Rows[columns[i]];
            cancellationToken.ThrowIfCancellationRequested();
            double sum = 0;
            var count = 0;
            for (var row = 0; row < column.Length; row++)
            {
                if (column.IsNull(row)) continue;
                sum += FittedLogScale.Scale(column.GetNumber(row));
                count++;
            }

            fills[i] = count == 0 ? 0 : sum / count;
        }

        return ValueTask.FromResult<IFittedTransform>(new FittedLogScale(fields, fills));
    }
}
