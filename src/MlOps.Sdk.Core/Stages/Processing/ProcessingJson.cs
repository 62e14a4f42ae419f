using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization;
using MlOps.Sdk.Plugins;

namespace MlOps.Sdk.Processing;

/// <summary>JSON of what this stage stores: UTF-8, camel case, the same bytes for the same values.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UseStringEnumConverter = true,
    MaxDepth = 256)]
[JsonSerializable(typeof(RowStepState))]
[JsonSerializable(typeof(IReadOnlyList<ExpectationResult>))]
[JsonSerializable(typeof(ProcessingSummary))]
[JsonSerializable(typeof(SavedPart[]))]
[JsonSerializable(typeof(FoldRule))]
internal sealed partial class ProcessingJson : JsonSerializerContext
{
    public static void Save(RowStepState state, IBufferWriter<byte> to)
    {
        using var writer = new Utf8JsonWriter(to);
        JsonSerializer.Serialize(writer, state, Default.RowStepState);
    }

    public static RowStepState Read(ReadOnlyMemory<byte> bytes) =>
        JsonSerializer.Deserialize(bytes.Span, Default.RowStepState) ?? throw new JsonException("A step is null.");

    public static T Need<T>(T? value)
        where T : class => value ?? throw new JsonException("A property of the step is missing.");

    public static T Need<T>(T? value)
        where T : struct => value ?? throw new JsonException("A property of the step is missing.");
}
