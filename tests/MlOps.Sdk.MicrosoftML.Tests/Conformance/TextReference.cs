using System.Text.Json;

namespace MlOps.Sdk.MLNet.Tests;

/// <summary>What scikit-learn reached on the reviews, as make_text_reference.py wrote it down.</summary>
/// <param name="TrainRows">The rows that it learned from.</param>
/// <param name="TestRows">The rows that it was judged on.</param>
/// <param name="FeatureCount">Its words and pairs of words.</param>
/// <param name="RocAuc">The area under the ROC curve on the test rows.</param>
internal sealed record TextReference(int TrainRows, int TestRows, int FeatureCount, double RocAuc)
{
    private static readonly JsonSerializerOptions s_options = new(JsonSerializerDefaults.Web);

    public static TextReference Read() => JsonSerializer.Deserialize<TextReference>(
        File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Conformance", "text_reference.json")), s_options)!;
}
