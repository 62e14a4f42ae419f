using Microsoft.ML;
using Microsoft.ML.Data;

namespace MlOps.Sdk.MLNet;

/// <summary>Does what another transformer does, and counts how often it is disposed of, as one with a native session would be.</summary>
internal sealed class WatchedTransformer(ITransformer transformer) : ITransformer, IDisposable
{
    public int Disposals { get; private set; }

    public bool IsRowToRowMapper => transformer.IsRowToRowMapper;

    public IDataView Transform(IDataView input) => transformer.Transform(input);

    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema) => transformer.GetOutputSchema(inputSchema);

    public IRowToRowMapper GetRowToRowMapper(DataViewSchema inputSchema) => transformer.GetRowToRowMapper(inputSchema);

    public void Dispose() => Disposals++;

    void ICanSaveModel.Save(ModelSaveContext ctx) => throw new NotSupportedException();
}
