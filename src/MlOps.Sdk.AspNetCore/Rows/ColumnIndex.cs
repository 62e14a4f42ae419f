using System.Text;
using System.Text.Json;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.AspNetCore;

/// <summary>Finds the columns of a schema by the names of JSON members. Immutable and thread-safe.</summary>
internal sealed class ColumnIndex(Schema schema)
{
    private readonly byte[][] _names = [.. schema.Select(field => Encoding.UTF8.GetBytes(field.Name))];

    /// <summary>The column of the member that a reader stands on; −1 when there is none.</summary>
    /// <param name="reader">A reader on the name of a member.</param>
    /// <param name="expected">The column that most likely comes next: most rows have the order of the schema, or of the row before.</param>
    public int Find(ref Utf8JsonReader reader, int expected)
    {
        if ((uint)expected < (uint)_names.Length && JsonText.Is(ref reader, _names[expected])) return expected;
        return JsonText.Of(ref reader) is { } name && schema.TryGetIndex(name, out var index) ? index : -1;
    }
}
