using MlOps.Sdk.Data;
using MlOps.Sdk.Features;
using MlOps.Sdk.Training;
using NUnit.Framework;

namespace MlOps.Sdk.Testing;

/// <summary>What models predict for rows.</summary>
internal static class Predictions
{
    public static double[] Of(IModel model, FeatureMatrix features)
    {
        using var scratch = new PredictScratch();
        return Of(model, features, scratch);
    }

    public static double[] Of(IModel model, FeatureMatrix features, PredictScratch scratch)
    {
        var rows = new float[features.RowCount * features.Width];
        features.CopyRows(0, features.RowCount, rows);
        var output = new double[features.RowCount * model.Signature.Outputs];
        model.Predict(new FeatureBlock(rows, features.Width), output, scratch);
        return output;
    }

    public static double[] Of(IRowModel model, Dataset rows)
    {
        using var scratch = new PredictScratch();
        return Of(model, rows, scratch);
    }

    public static double[] Of(IRowModel model, Dataset rows, PredictScratch scratch) =>
        Of(model, Columns(model, rows), 0, rows.RowCount, scratch);

    /// <summary>Predicts a part of a block, into memory that was used before.</summary>
    public static double[] Of(IRowModel model, Column[] columns, int start, int count, PredictScratch scratch)
    {
        var output = new double[count * model.Signature.Outputs];
        output.AsSpan().Fill(7.5);
        scratch.Doubles(32).Fill(-3.5);
        model.Predict(new RowBlock(columns, start, count), output, scratch);
        return output;
    }

    /// <summary>Predicts rows that may be rejected, with a remedy.</summary>
    /// <returns><see langword="null"/> for a refusal.</returns>
    public static double[]? Try(IRowModel model, Dataset rows, PredictScratch scratch)
    {
        try
        {
            return Of(model, rows, scratch);
        }
        catch (MlOpsException refusal)
        {
            Assert.That(refusal.Remedy, Is.Not.Null.And.Not.Empty);
            return null;
        }
    }

    /// <summary>The columns that a model reads.</summary>
    public static Column[] Columns(IRowModel model, Dataset rows) => [.. model.Inputs.Select(field => rows[field.Name])];
}
