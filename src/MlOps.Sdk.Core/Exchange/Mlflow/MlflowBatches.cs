using System.Text.Json;

namespace MlOps.Sdk;

/// <summary>
/// Divides what a run logged into requests that MLflow takes: at most 1,000 metrics, parameters and tags together, 100 parameters, 100
/// tags, and 1 MB.
/// </summary>
internal static class MlflowBatches
{
    public const int MostMetrics = 900;
    private const int MostPairs = 100;
    private const int MostBytes = 900_000;

    /// <summary>Divides parameters or tags.</summary>
    public static IEnumerable<IReadOnlyList<MlflowPair>> Divide(IEnumerable<MlflowPair> pairs)
    {
        var batch = new List<MlflowPair>();
        var bytes = 0;
        foreach (var pair in pairs)
        {
            var length = LengthOf(pair.Key) + LengthOf(pair.Value) + 32;
            if (batch.Count == MostPairs || (batch.Count > 0 && bytes + length > MostBytes))
            {
                yield return batch;
                (batch, bytes) = ([], 0);
            }
            batch.Add(pair);
            bytes += length;
        }

        if (batch.Count > 0) yield return batch;
    }

    // As they are escaped.
    private static int LengthOf(string text) => JsonEncodedText.Encode(text).EncodedUtf8Bytes.Length;
}
