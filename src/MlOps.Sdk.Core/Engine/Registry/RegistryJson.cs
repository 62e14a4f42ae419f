using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using MlOps.Sdk.Metrics;

namespace MlOps.Sdk.Registry;

/// <summary>Metrics, gates and the arms of traffic as JSON.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true)]
[JsonSerializable(typeof(IReadOnlyList<GateResult>))]
[JsonSerializable(typeof(IReadOnlyList<TrafficArm>))]
[JsonSerializable(typeof(ModelFallback))]
internal sealed partial class RegistryJson : JsonSerializerContext
{
    public static string WriteGates(IReadOnlyList<GateResult> gates) => JsonSerializer.Serialize(gates, Default.IReadOnlyListGateResult);

    /// <exception cref="JsonException">The text is not a list of gates.</exception>
    public static IReadOnlyList<GateResult> ReadGates(string json) =>
        JsonSerializer.Deserialize(json, Default.IReadOnlyListGateResult) is { } gates && gates.All(gate => gate is not null)
            ? gates
            : throw new JsonException("A gate is missing.");

    public static string WriteArms(IReadOnlyList<TrafficArm> arms) => JsonSerializer.Serialize(arms, Default.IReadOnlyListTrafficArm);

    /// <exception cref="JsonException">The text is not a list of arms.</exception>
    public static IReadOnlyList<TrafficArm> ReadArms(string json) =>
        JsonSerializer.Deserialize(json, Default.IReadOnlyListTrafficArm) is { } arms && arms.All(arm => arm is not null)
            ? arms
            : throw new JsonException("An arm is missing.");

    public static string WriteFallback(ModelFallback? fallback) => fallback is null
        ? "null"
        : JsonSerializer.Serialize(fallback, Default.ModelFallback);

    /// <exception cref="JsonException">The text is not a fallback.</exception>
    public static ModelFallback? ReadFallback(string json)
    {
        var fallback = JsonSerializer.Deserialize(json, Default.ModelFallback);
        if (fallback is null) return null;
        if (fallback.Circuit is null || fallback.Version is null == fallback.Answer is null)
        {
            throw new JsonException("It is not a fallback.");
        }
        fallback.Circuit.Validate("circuit");
        return fallback;
    }

    /// <summary>
    /// Writes <c>{"name":{"value":…,"lower":…,"upper":…,"undefined":…}}</c>, without what is not there; infinities as texts,
    /// which JSON has no numbers for.
    /// </summary>
    public static string WriteMetrics(IReadOnlyDictionary<string, MetricValue> metrics)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            foreach (var (name, metric) in metrics.OrderBy(m => m.Key, StringComparer.Ordinal))
            {
                writer.WriteStartObject(name);
                Write(writer, "value", metric.Value);
                Write(writer, "lower", metric.Lower);
                Write(writer, "upper", metric.Upper);
                if (metric.Undefined is not null) writer.WriteString("undefined", metric.Undefined);
                writer.WriteEndObject();
            }

            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }

    public static IReadOnlyDictionary<string, MetricValue> ReadMetrics(string json)
    {
        using var document = JsonDocument.Parse(json);
        return document.RootElement.EnumerateObject().ToDictionary(
            metric => metric.Name,
            metric => new MetricValue(
                Read(metric.Value, "value"), Read(metric.Value, "lower"), Read(metric.Value, "upper"),
                metric.Value.TryGetProperty("undefined", out var reason) ? reason.GetString() : null),
            StringComparer.Ordinal);
    }

    private static void Write(Utf8JsonWriter writer, string name, double value)
    {
        if (double.IsFinite(value)) writer.WriteNumber(name, value);
        else if (!double.IsNaN(value)) writer.WriteString(name, value > 0 ? "Infinity" : "-Infinity");
    }

    private static double Read(JsonElement metric, string name)
    {
        if (!metric.TryGetProperty(name, out var value)) return double.NaN;
        if (value.ValueKind == JsonValueKind.Number) return value.GetDouble();
        return value.GetString() == "Infinity" ? double.PositiveInfinity : double.NegativeInfinity;
    }
}
