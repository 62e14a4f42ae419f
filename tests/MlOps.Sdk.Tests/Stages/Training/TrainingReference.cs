using System.Text.Json;
using MlOps.Sdk.Problem;
using MlOps.Sdk.Training;

namespace MlOps.Sdk.Tests.Training;

/// <summary>What scikit-learn trained; the numbers come from Conformance/make_training_reference.py.</summary>
internal static class TrainingReference
{
    public static readonly JsonElement Reference = JsonSerializer.Deserialize<JsonElement>(
        File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Conformance", "training_reference.json")));

    public static TrainingContext Context(
        ITrainer trainer, JsonElement item, TaskKind task, int classes, params (string, HyperparameterValue)[] parameters)
    {
        var columns = item
            .GetProperty("x")
            .EnumerateArray()
            .Select(column => column
                .EnumerateArray()
                .Select(value => value.ValueKind == JsonValueKind.Null ? float.NaN : value.GetSingle())
                .ToArray())
            .ToArray();
        var weights = item.GetProperty("weights").ValueKind == JsonValueKind.Null ? [] : Numbers(item, "weights");
        return TrainingData.Context(trainer, task, TrainingData.Matrix(columns), Numbers(item, "y"), classes, 1, weights, parameters);
    }

    public static double[] Numbers(
        JsonElement item,
        string name) => [.. item.GetProperty(name).EnumerateArray().Select(value => value.GetDouble())];
}
