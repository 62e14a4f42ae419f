using MlOps.Sdk.Features;

namespace MlOps.Sdk.Training;

/// <summary>Predicts the rows of a matrix, block by block.</summary>
internal static class BatchPrediction
{
    private const int BlockRows = 1024;

    /// <summary>Predicts all rows.</summary>
    /// <returns>Row by row the model's outputs.</returns>
    public static double[] Predict(IModel model, FeatureMatrix features, CancellationToken cancellationToken)
    {
        var outputs = model.Signature.Outputs;
        var scores = new double[features.RowCount * outputs];
        var rows = new float[Math.Min(BlockRows, features.RowCount) * features.Width];
        var scratch = new PredictScratch();
        for (var start = 0; start < features.RowCount; start += BlockRows)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var count = Math.Min(BlockRows, features.RowCount - start);
            var block = rows.AsSpan(0, count * features.Width);
            features.CopyRows(start, count, block);
            model.Predict(new FeatureBlock(block, features.Width), scores.AsSpan(start * outputs, count * outputs), scratch);
        }

        return scores;
    }
}
