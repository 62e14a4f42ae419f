using MlOps.Sdk.Data;
using MlOps.Sdk.Packaging;
using MlOps.Sdk.Problem;

namespace MlOps.Sdk.Deployment;

/// <summary>Predicts rows that are given by column name, for callers without their own class. Thread-safe.</summary>
public sealed class DynamicEndpoint
{
    private readonly ModelSlot _slot;
    private readonly ModelCalls<IReadOnlyDictionary<string, object?>, ModelAnswer> _calls;

    internal DynamicEndpoint(ModelSlot slot)
    {
        _slot = slot;
        _calls = new ModelCalls<IReadOnlyDictionary<string, object?>, ModelAnswer>(
            slot, static live => live.Binding(static live => new Binding(live)));
    }

    /// <summary>The endpoint's name.</summary>
    public string Name => _slot.Name;

    /// <summary>The version that is live.</summary>
    /// <exception cref="ModelNotLiveException">No version is live in this process.</exception>
    public int Version => _slot.RequireCurrent().Version;

    /// <summary>Whether a version is live in this process and the model is not stopped, so that rows can be predicted.</summary>
    public bool IsLive => _slot.CanAnswer;

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
    /// <param name="key">
    /// Where calls are divided over versions: what decides which one answers, for example a customer's number. The same key is answered by
    /// the same arm. <see langword="null"/> to let the id decide.
    /// </param>
    /// <exception cref="ModelNotLiveException">No version is live in this process.</exception>
    /// <exception cref="ModelStoppedException">The model is stopped.</exception>
    /// <exception cref="InputRejectedException">The input contract of the version rejects it; nothing is predicted.</exception>
    /// <exception cref="MlOpsException">A column is absent or cannot hold its value.</exception>
    /// <exception cref="ArgumentException">The id is <see langword="default"/>.</exception>
    /// <exception cref="ObjectDisposedException">The workspace is disposed of.</exception>
    public Prediction<ModelAnswer> Predict(IReadOnlyDictionary<string, object?> row, PredictionId? id = null, string? key = null)
    {
        ArgumentNullException.ThrowIfNull(row);
        return _calls.Predict(row, id is { } given ? ModelSlot.Require(given) : PredictionId.New(), key);
    }

    /// <summary>
    /// Predicts several rows with one version, faster than one after the other. The answers are recorded under new ids, and no row of a
    /// call that fails is recorded.
    /// </summary>
    /// <param name="rows">The rows, as in <see cref="Predict"/>; none of them null. May be empty.</param>
    /// <returns>The answers, in the order of the rows.</returns>
    /// <exception cref="ArgumentException">A row is null; nothing is predicted.</exception>
    /// <exception cref="ModelNotLiveException">No version is live in this process.</exception>
    /// <exception cref="ModelStoppedException">The model is stopped.</exception>
    /// <exception cref="InputRejectedException">The input contract of the version rejects it; nothing is predicted.</exception>
    /// <exception cref="MlOpsException">
    /// A row cannot be predicted: the message names its index, counted from 0. None of the call's rows is recorded.
    /// </exception>
    /// <exception cref="ObjectDisposedException">The workspace is disposed of.</exception>
    public Prediction<ModelAnswer>[] PredictAll(IReadOnlyList<IReadOnlyDictionary<string, object?>> rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        IReadOnlyDictionary<string, object?>[] all = [.. rows];
        Binding.RequireRows(all);
        var answers = new Prediction<ModelAnswer>[all.Length];
        _calls.PredictAll(all, answers, PredictionId.New());
        return answers;
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

    private sealed class Binding(LiveModel live) : BoundModel<IReadOnlyDictionary<string, object?>, ModelAnswer>(live)
    {
        protected override void Append(IReadOnlyDictionary<string, object?> row, ModelScorer scorer)
        {
            var input = Live.Package.Graph.Input;
            var found = 0;
            for (var i = 0; i < input.Count; i++)
            {
                if (row.TryGetValue(input[i].Name, out var value))
                {
                    CellConversion.Append(scorer.Inputs[i], value, input[i], coded: false);
                    found++;
                }
                else if (scorer.Check?.TakesMissingColumn(i, row.Keys) != true)
                {
                    throw Missing(input[i].Name, row);
                }
            }

            if (scorer.Check is { LooksForExtra: true } check && row.Count > found) check.NoteExtra(row.Keys);
        }

        protected override ModelAnswer Answer(ReadOnlySpan<double> scores, int decision)
        {
            var labels = Live.Package.Decision.Labels;
            return new ModelAnswer(
                labels.Task == TaskKind.MulticlassClassification ? scores[decision] : scores[0],
                labels.Task == TaskKind.Regression ? null : labels.Classes[decision],
                scores.ToArray());
        }
    }
}
