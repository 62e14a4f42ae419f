using System.Globalization;
using MlOps.Sdk.Data;
using MlOps.Sdk.Problem;

namespace MlOps.Sdk.Deployment;

/// <summary>Predicts rows that are given by column name, for callers without a class of their own. Thread-safe.</summary>
public sealed class DynamicEndpoint
{
    private readonly ModelSlot _slot;

    internal DynamicEndpoint(ModelSlot slot) => _slot = slot;

    /// <summary>The endpoint's name.</summary>
    public string Name => _slot.Name;

    /// <summary>The version that is live.</summary>
    /// <exception cref="MlOpsException">No version is live.</exception>
    public int Version => _slot.RequireCurrent().Version;

    /// <summary>The columns that the live version reads.</summary>
    /// <exception cref="MlOpsException">No version is live.</exception>
    public Schema Input => _slot.RequireCurrent().Package.Graph.Input;

    /// <summary>Predicts.</summary>
    /// <param name="row">
    /// A value per column of <see cref="Input"/>; others are ignored. A <see langword="null"/> value is a missing one, an absent column is
    /// an error. NaN counts as missing, and so do infinite numbers where the built-in transforms read numbers.
    /// </param>
    /// <param name="id">An id of the application's own; <see langword="null"/> for a new one.</param>
    /// <exception cref="MlOpsException">A column is absent or its value has the wrong type, or no version is live.</exception>
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
                        throw new MlOpsException(
                            $"The row has no '{input[i].Name}'.",
                            "Give every column of Endpoint.Input; null stands for a missing value.") { Column = input[i].Name };
                    }
                    Append(scorer.Inputs[i], input[i], value);
                }

                var scores = scorer.Score();
                var decision = live.Package.Decision.Decide(scores);
                live.Recorder?.Record(predictionId, scorer.Inputs, scores, decision);
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

    private static void Append(ColumnBuilder builder, Field field, object? value)
    {
        try
        {
            switch (builder, value)
            {
                case (_, null): builder.AppendNull(); return;
                case (NumberColumnBuilder number, IConvertible and not string and not bool):
                    number.Append(Convert.ToDouble(value, CultureInfo.InvariantCulture));
                    return;
                case (IntegerColumnBuilder integer, bool flag): integer.Append(flag ? 1 : 0); return;
                case (IntegerColumnBuilder integer, IConvertible and not string)
                    when Convert.ToDecimal(value, CultureInfo.InvariantCulture) is var whole && decimal.IsInteger(whole):
                    integer.Append((long)whole);
                    return;
                case (BooleanColumnBuilder boolean, bool flag): boolean.Append(flag); return;
                case (TextColumnBuilder text, string or char or Enum): text.AppendUncoded(value.ToString()); return;
                case (TimestampColumnBuilder timestamp, DateTimeOffset time): timestamp.Append(time); return;
                case (TimestampColumnBuilder timestamp, DateTime time): timestamp.Append(time); return;
                case (TimestampColumnBuilder timestamp, DateOnly date):
                    timestamp.Append(date.ToDateTime(TimeOnly.MinValue, DateTimeKind.Utc));
                    return;
                case (VectorColumnBuilder vector, float[] elements) when elements.Length == field.Length: vector.Append(elements); return;
            }
        }
        catch (Exception e) when (e is OverflowException or InvalidCastException or FormatException)
        {
            throw WrongType(field, value, e);
        }

        throw WrongType(field, value, null);
    }

    private static MlOpsException WrongType(Field field, object? value, Exception? inner) =>
        new(
            $"The value of '{field.Name}' is a {value?.GetType().Name}, and the model reads {field.Type}.",
            "Convert the value before the call.",
            inner) { Column = field.Name };
}
