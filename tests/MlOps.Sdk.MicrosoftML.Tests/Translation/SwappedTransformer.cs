using System.Collections;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace MlOps.Sdk.MLNet.Tests;

/// <summary>Shows one transformer, and predicts with another: a model that does not do what its parameters say.</summary>
internal sealed class SwappedTransformer(ITransformer shown, ITransformer predicting) : ITransformer, IEnumerable<ITransformer>
{
    public bool IsRowToRowMapper => predicting.IsRowToRowMapper;

    public IDataView Transform(IDataView input) => predicting.Transform(input);

    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema) => predicting.GetOutputSchema(inputSchema);

    public IRowToRowMapper GetRowToRowMapper(DataViewSchema inputSchema) => predicting.GetRowToRowMapper(inputSchema);

    public IEnumerator<ITransformer> GetEnumerator() => ((IEnumerable<ITransformer>)[shown]).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    void ICanSaveModel.Save(ModelSaveContext ctx) => throw new NotSupportedException();
}
