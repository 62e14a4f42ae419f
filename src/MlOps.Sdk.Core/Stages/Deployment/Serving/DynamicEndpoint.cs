using MlOps.Sdk.Data;
using MlOps.Sdk.Problem;

namespace MlOps.Sdk.Deployment;

/// <summary>Predicts rows that are given by column name, for callers without their own class. Thread-safe.</summary>
public sealed class DynamicEndpoint
{
    private readonly ModelSlot _slot;

    internal DynamicEndpoint(ModelSlot slot) => _slot = slot;

    /// <summary>The endpoint's name.</summary>
    public string Name => _slot.Name;

    /// <summary>The version that is live.</summary>
    /// <exception cref="ModelNotLiveException">No version is live in this process.</exception>
    public int Version => _slot.RequireCurrent().Version;

    /// <summary>Whether a version is live in this process, so that rows can be predicted.</summary>
    public bool IsLive => _slot.Current is not null;

    /// <summary>The columns that the live version reads.</summary>
    /// <exception cref="ModelNotLiveException">No version is live in this process.</exception>
    public Schema Input => _slot.RequireCurrent().Package.Graph.Input;

    /// <summary>Predicts.</summary>
    /// <param name="row">
    /// A value per column of <see cref="Input"/>; others are ignored. <see langword="null"/>, <see cref="DBNull"/> and NaN are missing
    /// values, and so are infinite numbers where the built-in transforms read numbers; an absent column is an error. Values may be of any
    /// type of .NET that represents the column's without loss, or a <see cref="System.Text.Json.JsonElement"/>.
    /// </param>
    /// <param name="id">An id of the application's own; <see langword="null"/> for a new one.</param>
    /// <exception cref="ModelNotLiveException">No version is live in this process.</exception>
    /// <exception cref="MlOpsException">A column is absent or cannot hold its value.</exception>
    /// <exception cref="ArgumentException">The id is <see langword="default"/>.</exception>
    /// <exception cref="ObjectDisposedException">The workspace is disposed of.</exception>
    public Prediction<ModelAnswer> Predict(IReadOnlyDictionary<string, object?> row, PredictionId? id = null)
    {
        ArgumentNullException.ThrowIfNull(row);
        var predictionId = id is { } given ? ModelSlot.Require(given) : PredictionId.New();
        while (true)
        {
            var live = _slot.RequireCurrent();
            if (live.Enter() is not { } scorer) continue;
            try
            {
                var input = live.Package.Graph.Input;
                for (var i = 0; i < input.Count; i++)
                {
                    if (!row.TryGetValue(input[i].Name, out var value))
                    {
                        throw Missing(input[i].Name, row);
                    }
                    CellConversion.Append(scorer.Inputs[i], value, input[i], coded: false);
                }

                var scores = scorer.Score();
                var decision = live.Package.Decision.Decide(scores);
                live.Recorder?.Record(predictionId, scorer.Inputs, 0, scores, decision);
                var labels = live.Package.Decision.Labels;
                var answer = new ModelAnswer(
                    labels.Task == TaskKind.MulticlassClassification ? scores[decision] : scores[0],
                    labels.Task == TaskKind.Regression ? null : labels.Classes[decision],
                    scores.ToArray());
                return new Prediction<ModelAnswer>(answer, live.Version, predictionId);
            }
            finally
            {
                live.Exit(scorer);
            }
        }
    }

    private static MlOpsException Missing(string column, IReadOnlyDictionary<string, object?> row)
    {
        var near = NearestName.Find(column, row.Keys) is { } key
            ? $"It has '{PrintableText.Shorten(key)}', and names are case-sensitive. "
            : "";
        return new MlOpsException(
            $"The row has no '{column}'.",
            $"{near}Give every column of DynamicEndpoint.Input; use null for a missing value.") { Column = column };
    }
}
