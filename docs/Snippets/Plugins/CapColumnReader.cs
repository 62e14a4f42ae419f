// begin-snippet: custom-reader
using System.Text.Json;
using MlOps.Sdk.Data;
using MlOps.Sdk.Plugins;
using MlOps.Sdk.Processing;

namespace Acme;

/// <summary>Reads what <see cref="CapColumn"/> saved; damaged bytes become an error that names the format.</summary>
public sealed class CapColumnReader : IFormatReader<IRowProcessor>
{
    public string FormatId => CapColumn.Format;

    public IRowProcessor Read(ReadOnlyMemory<byte> bytes)
    {
        using var json = JsonDocument.Parse(bytes);
        return new CapColumn(json.RootElement.GetProperty("column").GetString()!, json.RootElement.GetProperty("highest").GetDouble());
    }
}
// end-snippet
