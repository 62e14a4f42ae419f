using MathNet.Numerics.Distributions;
using MlOps.Sdk.Data;
using MlOps.Sdk.Metrics;
using MlOps.Sdk.Statistics;

namespace MlOps.Sdk.Packaging;

/// <summary>
/// How much a model relies on each column, whatever kind of model it is (Breiman 2001; Fisher, Rudin and Dominici 2019): a column's values
/// are shuffled among the rows, and the metric tells what was lost.
/// </summary>
public static class PermutationImportance
{
    /// <summary>Computes the importance of every column that the model reads, the most important first.</summary>
    /// <param name="package">The model.</param>
    /// <param name="rows">
    /// Raw rows with the label, which the model was not trained on: on training rows an overfitted column looks important. Columns that
    /// vary together share their importance, and none of them may look important.
    /// </param>
    /// <param name="metric">What is measured.</param>
    /// <param name="repeats">How often each column is shuffled, 2 to 1,000. Default: 10.</param>
    /// <param name="seed">The same seed gives the same shuffles. Default: 1.</param>
    /// <param name="cancellationToken">Cancels the computation.</param>
    /// <exception cref="MlOpsException">
    /// The rows lack a column, or their label is not that of the model, or the metric is undefined on them.
    /// </exception>
    public static IReadOnlyList<ColumnImportance> Compute(
        ModelPackage package, Dataset rows, IMetric metric, int repeats = 10, int seed = 1, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(package);
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentNullException.ThrowIfNull(metric);
        if (repeats is < 2 or > 1000)
        {
            throw new ArgumentOutOfRangeException(nameof(repeats), repeats, "A column is shuffled 2 to 1,000 times.");
        }
        if (package.Graph.ChangesLabel)
        {
            throw new MlOpsException(
                $"The label '{package.Problem.Label}' is computed by a step, so raw rows do not have the label that the model was " +
                    "trained on.",
                "Derive the label before the rows are collected, or measure the model without that step.");
        }

        var labels = package.Decision.Labels.Encode(rows);
        var whole = Measure(rows);
        var read = package.Graph.Input.Where(f => !package.Graph.Identifying.Contains(f.Name) && !package.Graph.Observed.Contains(f.Name));
        var found = new List<ColumnImportance>();
        foreach (var (number, field) in read.Index())
        {
            var losses = new double[repeats];
            for (var repeat = 0; repeat < repeats; repeat++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                int[] order = [.. Enumerable.Range(0, rows.RowCount)];
                SeededRandom.For(seed, number, repeat).Shuffle(order);
                losses[repeat] = Loss(whole, Measure(rows.With(field.Name, rows[field.Name].Take(order))));
            }

            found.Add(Summarize(field.Name, losses));
        }

        return [.. found.OrderByDescending(column => column.Importance).ThenBy(column => column.Column, StringComparer.Ordinal)];

        double Measure(Dataset changed)
        {
            var value = metric.Compute(new Evaluation
            {
                Task = package.Problem.Task,
                Labels = labels,
                Scores = package.Score(changed, cancellationToken),
                ClassCount = package.Decision.Labels.ClassCount,
                Classes = package.Decision.Labels.Classes,
                Threshold = package.Decision.Threshold,
                Groups = Groups.Of(rows, package.Problem.Label),
            });
            return value.IsDefined
                ? value.Value
                : throw new MlOpsException(
                    $"The metric '{metric.Name}' is undefined on the rows: {value.Undefined}",
                    "Measure on more rows, or use another metric.");
        }

        double Loss(double before, double after) => metric.Direction switch
        {
            Direction.Up => before - after,
            Direction.Down => after - before,
            _ => Math.Abs(after) - Math.Abs(before),
        };
    }

    private static ColumnImportance Summarize(string column, double[] losses)
    {
        var mean = losses.Average();
        var deviation = Math.Sqrt(losses.Sum(loss => (loss - mean) * (loss - mean)) / (losses.Length - 1));
        var half = StudentT.InvCDF(0, 1, losses.Length - 1, 0.975) * deviation / Math.Sqrt(losses.Length);
        return new ColumnImportance(column, mean, mean - half, mean + half);
    }
}
