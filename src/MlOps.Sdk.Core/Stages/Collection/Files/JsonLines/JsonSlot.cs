using System.Text.Json;

namespace MlOps.Sdk.Collection;

/// <summary>Where the value of a column stands in the current line.</summary>
/// <param name="Type">The kind of value; <see cref="JsonTokenType.None"/> for none.</param>
/// <param name="Start">Its first byte; of a text, the first behind the quote.</param>
/// <param name="Length">Its bytes; of a text, those between the quotes.</param>
/// <param name="IsEscaped">Whether a text has escape sequences.</param>
internal readonly record struct JsonSlot(JsonTokenType Type, int Start, int Length, bool IsEscaped);
