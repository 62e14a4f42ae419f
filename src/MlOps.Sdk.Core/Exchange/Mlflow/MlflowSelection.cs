using System.Data.Common;
using MlOps.Sdk.Storage;
using MlOps.Sdk.Tracking;

namespace MlOps.Sdk;

/// <summary>Which runs are sent, and in which order.</summary>
internal static class MlflowSelection
{
    /// <summary>Finds runs, and those that belong to them. A fold is part of its trial, and sent with it.</summary>
    /// <returns>
    /// The ids by generation, parents before their children, so that a generation can be sent at once; in each the oldest first.
    /// </returns>
    public static async Task<IReadOnlyList<IReadOnlyList<string>>> FindAsync(
        Workspace workspace, RunFilter filter, CancellationToken cancellationToken)
    {
        var ids = new HashSet<string>(StringComparer.Ordinal);
        var query = new RunQuery { Filter = filter, Limit = RunQuery.LargestLimit };
        while (true)
        {
            var page = await workspace.Runs.SearchAsync(query, cancellationToken).ConfigureAwait(false);
            ids.UnionWith(page.Runs.Select(run => IsPart(run.Kind, run.ParentRun) ? run.ParentRun! : run.Id));
            if (page.Next is null) break;
            query = query with { After = page.Next };
        }
        return await workspace.Store.ReadAsync(connection => Generations(connection, ids), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The metrics of the folds of a trial, as series of the trial: a fold's number is the step.</summary>
    public static IEnumerable<MetricRow> FoldMetrics(DbConnection connection, string trial)
    {
        foreach (var fold in RunTransferTable.Parts(connection, trial, nameof(RunKind.Fold)))
        {
            if (!long.TryParse(RunParameterTable.Read(connection, fold).GetValueOrDefault("fold"), out var number)) continue;
            foreach (var point in MetricTable.Read(connection, fold, null))
            {
                yield return new MetricRow { Name = $"fold.{point.Name}", Step = number, Value = point.Value, At = point.At };
            }
        }
    }

    private static bool IsPart(RunKind kind, string? parent) => kind == RunKind.Fold && parent is not null;

    private static IReadOnlyList<IReadOnlyList<string>> Generations(DbConnection connection, IReadOnlyCollection<string> ids)
    {
        var found = RunTransferTable.WithChildren(connection, ids);
        var parents = RunTransferTable.Places(connection, found)
            .Where(run => !IsPart(Enum.Parse<RunKind>(run.Kind), run.Parent))
            .ToDictionary(run => run.Id, run => run.Parent, StringComparer.Ordinal);
        return
        [
            .. found.Reverse()
                .Where(parents.ContainsKey)
                .GroupBy(Depth)
                .OrderBy(generation => generation.Key)
                .Select(generation => generation.ToArray()),
        ];

        // What another program wrote may go round in a circle.
        int Depth(string id)
        {
            var depth = 0;
            for (var at = id; depth < parents.Count && parents[at] is { } parent && parents.ContainsKey(parent); at = parent) depth++;
            return depth;
        }
    }
}
