using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace MlOps.Sdk.MLNet;

/// <summary>Drops the rows of few visits.</summary>
internal sealed class RowDroppingEstimator(MLContext ml) : IEstimator<ITransformer>
{
    public ITransformer Fit(IDataView input) => new Transformer(ml);

    public SchemaShape GetOutputSchema(SchemaShape inputSchema) => inputSchema;

    private sealed class Transformer(MLContext ml) : ITransformer
    {
        public bool IsRowToRowMapper => false;

        public DataViewSchema GetOutputSchema(DataViewSchema inputSchema) => inputSchema;

        public IDataView Transform(IDataView input) => ml.Data.FilterRowsByColumn(input, "visits", lowerBound: 5);

        public IRowToRowMapper GetRowToRowMapper(DataViewSchema inputSchema) => throw new NotSupportedException();

        void ICanSaveModel.Save(ModelSaveContext ctx) => throw new NotSupportedException();
    }
}
