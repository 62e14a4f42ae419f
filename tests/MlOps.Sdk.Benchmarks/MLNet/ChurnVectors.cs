using Microsoft.ML;
using Microsoft.ML.Data;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.Benchmarks.MLNet;

/// <summary>The churn table as Microsoft.ML trains on it: numbers, then each text one-hot, with the ranges of the categories.</summary>
internal sealed class ChurnVectors
{
    private ChurnVectors(MLContext context, ITransformer encoding, IDataView view)
    {
        Context = context;
        Encoding = encoding;
        View = context.Data.Cache(view);
        Rows = [.. View.GetColumn<float[]>("Features")];
        Width = Rows[0].Length;
        Definition = SchemaDefinition.Create(typeof(FeatureRow));
        Definition[nameof(FeatureRow.Features)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, Width);
    }

    public MLContext Context { get; }

    /// <summary>From a <see cref="ChurnRow"/> to the feature vector.</summary>
    public ITransformer Encoding { get; }

    /// <summary>The columns <c>Features</c>, <c>churn</c> and <c>Class</c>, in memory.</summary>
    public IDataView View { get; }

    public float[][] Rows { get; }

    public int Width { get; }

    public SchemaDefinition Definition { get; }

    /// <param name="isContractAFeature">Whether the contract is a feature, or the class to predict.</param>
    public static async Task<ChurnVectors> ReadAsync(bool isContractAFeature)
    {
        var (table, _) = await ChurnTable.ReadAsync();
        ChurnRow[] rows =
        [
            .. Enumerable.Range(0, table.RowCount).Select(row =>
            {
                var made = ChurnRow.Of(table, row);
                made.Churn = table["churn"].GetText(row) == "Yes";
                return made;
            })
        ];
        string[] texts =
        [
            .. table.Schema
                .Where(field => field.Type == ColumnType.Text && field.Name != "churn" && (isContractAFeature || field.Name != "contract"))
                .Select(field => field.Name)
        ];
        string[] numbers = [.. table.Schema.Where(field => field.Type != ColumnType.Text).Select(field => field.Name)];
        var context = new MLContext(1);
        var view = context.Data.LoadFromEnumerable(rows);
        var encoding = context.Transforms.Categorical.OneHotEncoding([.. texts.Select(name => new InputOutputColumnPair(name))])
            .Append(context.Transforms.Concatenate("Features", [.. numbers, .. texts]))
            .Append(context.Transforms.Conversion.MapValueToKey("Class", "contract"))
            .Fit(view);
        return new ChurnVectors(context, encoding, encoding.Transform(view));
    }
}
