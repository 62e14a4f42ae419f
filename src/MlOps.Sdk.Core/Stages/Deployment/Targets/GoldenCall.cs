using System.Buffers;
using System.Globalization;
using System.Text.Json;
using MlOps.Sdk.Data;
using MlOps.Sdk.Packaging;
using MlOps.Sdk.Plugins;
using MlOps.Sdk.Problem;

namespace MlOps.Sdk.Deployment;

/// <summary>
/// The golden rows of a version as a call over HTTP, and the answers that this process gives to them. A target elsewhere sends it after
/// it was brought to the version: what answers otherwise does not serve that version. Thread-safe.
/// </summary>
internal sealed class GoldenCall
{
    private readonly int _version;
    private readonly double _tolerance;
    private readonly IReadOnlyList<(double Score, string? Label)> _expected;

    private GoldenCall(int version, double tolerance, byte[] rows, IReadOnlyList<(double Score, string? Label)> expected) =>
        (_version, _tolerance, Rows, _expected) = (version, tolerance, rows, expected);

    /// <summary>A JSON array with an object for each row.</summary>
    public ReadOnlyMemory<byte> Rows { get; }

    /// <summary>The rows as the body of <c>/invocations</c>.</summary>
    public byte[] Invocation => [.. "{\"instances\":"u8, .. Rows.Span, .. "}"u8];

    /// <summary>Proves the package in this process, and takes the rows that callers may send.</summary>
    /// <exception cref="MlOpsException">
    /// The package is damaged, is not the blessed one, does not predict as it did, or no golden row can be sent.
    /// </exception>
    public static GoldenCall Of(DesiredDeployment desired, FormatReaders readers)
    {
        using var package = InProcessTarget.Prove(desired, readers);
        using var scorer = package.NewScorer(counts: false);
        var expected = new List<(double, string?)>();
        var rows = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(rows))
        {
            json.WriteStartArray();
            foreach (var row in package.Golden.Rows)
            {
                scorer.Clear();
                RowCodec.Read(row, package.Graph.Input, scorer.Inputs);
                var values = new ArrayBufferWriter<byte>();
                if (!TryWrite(package.Graph.Input, scorer.Inputs, values) || Answer(package, scorer) is not { } answer) continue;
                json.WriteRawValue(values.WrittenSpan);
                expected.Add(answer);
            }

            json.WriteEndArray();
        }

        if (expected.Count == 0)
        {
            throw new MlOpsException(
                $"No golden row of version {desired.Model.Version.Version} of '{desired.Endpoint}' passes its own input contract, so its " +
                    "answers elsewhere cannot be verified.",
                "Loosen CheckInputs so that it takes rows of the training data, and train again.");
        }
        return new GoldenCall(
            desired.Model.Version.Version, package.IsExact ? 0 : ModelPackage.Tolerance, rows.WrittenSpan.ToArray(), expected);
    }

    /// <summary>Why an answer is not the one that this process gives; <see langword="null"/> where it is.</summary>
    /// <param name="body">The JSON of <c>/invocations</c> with records, or of <c>/models/{model}/predict</c>.</param>
    public string? FindDifference(ReadOnlyMemory<byte> body)
    {
        try
        {
            using var answer = JsonDocument.Parse(body);
            return FindDifference(answer.RootElement);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or FormatException
            or OverflowException or ArgumentNullException)
        {
            return "The answer is not the JSON that a model server of this library writes.";
        }
    }

    private string? FindDifference(JsonElement answer)
    {
        var version = answer.TryGetProperty("model_version", out var text)
            ? int.Parse(text.GetString()!, NumberStyles.None, CultureInfo.InvariantCulture)
            : answer.GetProperty("version").GetInt32();
        if (version != _version) return string.Create(CultureInfo.InvariantCulture, $"Version {version} answered.");
        var predictions = answer.GetProperty("predictions");
        if (predictions.GetArrayLength() != _expected.Count)
        {
            return string.Create(
                CultureInfo.InvariantCulture, $"There are {predictions.GetArrayLength()} answers to {_expected.Count} golden rows.");
        }

        for (var i = 0; i < _expected.Count; i++)
        {
            var score = predictions[i].GetProperty("score").GetDouble();
            if (Math.Abs(score - _expected[i].Score) is var difference && !(difference <= AllowedAt(_expected[i].Score)))
            {
                return string.Create(
                    CultureInfo.InvariantCulture, $"Golden score {i} is {score:R} there, and {_expected[i].Score:R} here.");
            }
            var label = predictions[i].TryGetProperty("label", out var given) ? given.GetString() : null;

            // A score that may differ a little may be on the other side of the threshold.
            if (label != _expected[i].Label && _tolerance == 0)
            {
                return string.Create(CultureInfo.InvariantCulture, $"Golden row {i} has another label there than here.");
            }
        }

        return null;
    }

    private double AllowedAt(double score) => _tolerance * Math.Max(1, Math.Abs(score));

    // A row that the contract rejects, or that the model does not answer, would make the whole call fail.
    private static (double, string?)? Answer(ModelPackage package, ModelScorer scorer)
    {
        try
        {
            scorer.Check?.Run(0);
            if (scorer.Check is { HasRejected: true }) return null;
            var scores = scorer.Score();
            var (labels, decision) = (package.Decision.Labels, package.Decision.Decide(scores));
            return (
                labels.Task == TaskKind.MulticlassClassification ? scores[decision] : scores[0],
                labels.Task == TaskKind.Regression ? null : labels.Classes[decision]);
        }
        catch (MlOpsException)
        {
            return null;
        }
    }

    private static bool TryWrite(Schema schema, ColumnBuilder[] inputs, IBufferWriter<byte> to)
    {
        using var json = new Utf8JsonWriter(to);
        json.WriteStartObject();
        for (var i = 0; i < inputs.Length; i++)
        {
            json.WritePropertyName(schema[i].Name);
            if (!TryWrite(inputs[i].View, json)) return false;
        }

        json.WriteEndObject();
        return true;
    }

    // JSON has no infinite numbers.
    private static bool TryWrite(Column column, Utf8JsonWriter json)
    {
        if (column.IsMissing(0))
        {
            json.WriteNullValue();
            return true;
        }

        switch (column)
        {
            case NumberColumn numbers when double.IsFinite(numbers.Values[0]): json.WriteNumberValue(numbers.Values[0]); return true;
            case IntegerColumn integers: json.WriteNumberValue(integers.Values[0]); return true;
            case BooleanColumn flags: json.WriteBooleanValue(flags.Values[0]); return true;
            case TextColumn texts: json.WriteStringValue(texts.GetText(0)); return true;
            case TimestampColumn times:
                json.WriteStringValue(new DateTimeOffset(times.Values[0], TimeSpan.Zero));
                return true;
            case VectorColumn vectors when vectors.GetVector(0).ToArray().All(float.IsFinite):
                json.WriteStartArray();
                foreach (var value in vectors.GetVector(0)) json.WriteNumberValue((double)value);
                json.WriteEndArray();
                return true;
            default: return false;
        }
    }
}
