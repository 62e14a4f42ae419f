using System.Text;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.Collection;

/// <summary>How a JSON Lines file is read, settled once. Immutable and thread-safe.</summary>
internal sealed class JsonLinesFormat(JsonLinesOptions options) : IRecordFormat
{
    public Encoding? Encoding { get; } = options.Encoding;

    public Schema? Schema { get; } = options.Schema;

    public string Settings { get; } = options.Schema is null
        ? ""
        : string.Join(", ", options.Schema.Select(field => $"{field.Name}: {field.Type} {field.Length}"));

    public bool MayLackColumns => true;

    public RecordReader Open(Stream utf8, string name, Schema? schema, IReadOnlyList<string>? columns, bool checks) =>
        new JsonLinesRecords(utf8, name, schema, columns, readsAll: Schema is null);
}
