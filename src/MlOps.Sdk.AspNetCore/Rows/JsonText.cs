using System.Text.Json;

namespace MlOps.Sdk.AspNetCore;

/// <summary>Reads texts of JSON that anybody may have written.</summary>
internal static class JsonText
{
    /// <summary>The text that a reader stands on; <see langword="null"/> when its bytes are not text.</summary>
    public static string? Of(ref Utf8JsonReader reader)
    {
        try
        {
            return reader.GetString();
        }
        catch (InvalidOperationException)
        {
            // Half of a surrogate pair, or bytes that are not UTF-8: the reader looks at structure only.
            return null;
        }
    }

    /// <summary>Whether a reader stands on a name; bytes that are not text are none.</summary>
    public static bool Is(ref Utf8JsonReader reader, ReadOnlySpan<byte> name)
    {
        try
        {
            return reader.ValueTextEquals(name);
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }
}
