using System.Text.Json;
using System.Text.Json.Serialization;

namespace MlOps.Sdk.Training;

/// <summary>Writes numbers, booleans and texts as what they are.</summary>
internal sealed class HyperparameterValueConverter : JsonConverter<HyperparameterValue>
{
    public override HyperparameterValue Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType switch
        {
            JsonTokenType.Number => reader.GetDouble(),
            JsonTokenType.True => true,
            JsonTokenType.False => false,
            JsonTokenType.String => reader.GetString()!,
            _ => throw new JsonException("A hyperparameter is a number, a boolean or a text."),
        };

    public override void Write(Utf8JsonWriter writer, HyperparameterValue value, JsonSerializerOptions options)
    {
        if (value.IsText) writer.WriteStringValue(value.AsText());
        else if (value.IsBoolean) writer.WriteBooleanValue(value.AsBoolean());
        else writer.WriteNumberValue(value.AsNumber());
    }
}
