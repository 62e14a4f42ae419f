using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace MlOps.Sdk.Data;

/// <summary>
/// Writes an id as its text, also as the key of a dictionary, and reads it back. A value that was never set is an empty text.
/// </summary>
/// <typeparam name="T">The id.</typeparam>
public sealed class IdJsonConverter<T> : JsonConverter<T>
    where T : struct, IParsable<T>
{
    /// <inheritdoc/>
    public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String ? Parse(reader.GetString()) : throw new JsonException($"A {typeof(T).Name} is a text.");

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WriteStringValue(value.ToString());
    }

    /// <inheritdoc/>
    public override T ReadAsPropertyName(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        Parse(reader.GetString());

    /// <inheritdoc/>
    public override void WriteAsPropertyName(Utf8JsonWriter writer, T value, JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WritePropertyName(value.ToString()!);
    }

    private static T Parse(string? text)
    {
        if (text is { Length: 0 }) return default;
        return T.TryParse(text, CultureInfo.InvariantCulture, out var id)
            ? id
            : throw new JsonException($"The text is not a valid {typeof(T).Name}.");
    }
}
