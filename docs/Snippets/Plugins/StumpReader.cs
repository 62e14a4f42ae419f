// begin-snippet: custom-model-reader
using System.Text.Json;
using MlOps.Sdk;
using MlOps.Sdk.Data;
using MlOps.Sdk.Plugins;
using MlOps.Sdk.Training;

namespace Acme;

public sealed class StumpReader : IFormatReader<IModel>
{
    public string FormatId => StumpModel.Format;

    public IModel Read(ReadOnlyMemory<byte> bytes)
    {
        using var json = JsonDocument.Parse(bytes);
        var saved = json.RootElement;
        var (width, slot) = (saved[0].GetInt32(), saved[1].GetInt32());
        // never believe bytes
        if (slot < 0 || slot >= width)
        {
            throw new MlOpsException("The saved stump reads a feature that it does not have.", "Load the package from a backup.");
        }
        return new StumpModel(width, slot, saved[2].GetSingle(), saved[3].GetDouble(), saved[4].GetDouble());
    }
}
// end-snippet
