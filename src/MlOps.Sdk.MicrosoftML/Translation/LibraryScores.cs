using Microsoft.ML;
using Microsoft.ML.Data;

namespace MlOps.Sdk.MLNet;

/// <summary>What the library itself says of feature vectors.</summary>
internal static class LibraryScores
{
    public const string Score = nameof(Score);
    public const string Probability = nameof(Probability);

    /// <summary>Scores rows.</summary>
    /// <param name="transformer">The predicting transformer, with a calibrator behind it or without.</param>
    /// <param name="featureColumn">The column that it reads.</param>
    /// <param name="rows">Feature vectors, all of one length.</param>
    /// <param name="column">The column to read of what it makes: <see cref="Score"/> or <see cref="Probability"/>.</param>
    /// <returns>Row by row, the numbers of the column.</returns>
    /// <exception cref="NotTranslatableException">It makes no such column.</exception>
    public static IReadOnlyList<float[]> Read(
        ITransformer transformer, string featureColumn, IReadOnlyList<float[]> rows, string column)
    {
        var definition = SchemaDefinition.Create(typeof(FeatureRow));
        definition[nameof(FeatureRow.Features)].ColumnName = featureColumn;
        definition[nameof(FeatureRow.Features)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, rows[0].Length);
        var view = new MLContext().Data.LoadFromEnumerable(rows.Select(row => new FeatureRow { Features = row }), definition);
        var scored = transformer.Transform(view);
        if (scored.Schema.GetColumnOrNull(column) is not { } made)
        {
            throw new NotTranslatableException($"The model writes no column '{column}' to compare with.");
        }

        return made.Type is VectorDataViewType
            ? [.. scored.GetColumn<float[]>(made)]
            : [.. scored.GetColumn<float>(made).Select(value => new[] { value })];
    }

    private sealed class FeatureRow
    {
        public float[] Features { get; set; } = [];
    }
}
