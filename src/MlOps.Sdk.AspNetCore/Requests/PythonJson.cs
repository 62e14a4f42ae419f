namespace MlOps.Sdk.AspNetCore;

/// <summary>
/// JSON as clients in Python write it: <c>NaN</c> for a missing number, which is no JSON. The serializers of Python do that by
/// themselves, so
/// that a data frame with a gap could not be sent otherwise.
/// </summary>
internal static class PythonJson
{
    /// <summary>The same with <c>null</c> in the place of each <c>NaN</c> that is not part of a text.</summary>
    public static ReadOnlyMemory<byte> WithoutNaN(ReadOnlyMemory<byte> json)
    {
        var from = json.Span;
        var count = from.Count("NaN"u8);
        if (count == 0) return json;
        var to = new byte[from.Length + count];
        var length = 0;
        var isText = false;
        for (var i = 0; i < from.Length; i++)
        {
            var c = from[i];
            if (!isText && c == 'N' && from[i..].StartsWith("NaN"u8))
            {
                "null"u8.CopyTo(to.AsSpan(length));
                length += 4;
                i += 2;
                continue;
            }
            to[length++] = c;
            if (c == '"') isText = !isText;
            else if (isText && c == '\\' && i + 1 < from.Length) to[length++] = from[++i];
        }

        return to.AsMemory(0, length);
    }
}
