// begin-snippet: custom-transform-reader
using System.Text.Json;
using MlOps.Sdk;
using MlOps.Sdk.Data;
using MlOps.Sdk.Features;
using MlOps.Sdk.Plugins;

namespace Acme;

public sealed class LogScaleReader : IFormatReader<IFittedTransform>
{
    public string FormatId => FittedLogScale.Format;

    public IFittedTransform Read(ReadOnlyMemory<byte> bytes)
    {
        using var json = JsonDocument.Parse(bytes);
        var root = json.RootElement;
        return new FittedLogScale(
            new Field(root.GetProperty("column").GetString()!, (ColumnType)root.GetProperty("type").GetInt32()),
            root.GetProperty("mean").GetDouble());
    }
}
// end-snippet
