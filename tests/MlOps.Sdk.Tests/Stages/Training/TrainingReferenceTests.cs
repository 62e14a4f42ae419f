using System.Text.Json;
using MlOps.Sdk.Features;
using MlOps.Sdk.Problem;
using MlOps.Sdk.Training;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Training;

/// <summary>The trainers against scikit-learn; the numbers come from Conformance/make_training_reference.py.</summary>
public class TrainingReferenceTests
{
    private static readonly JsonElement Reference = JsonSerializer.Deserialize<JsonElement>(
        File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Conformance", "training_reference.json")));

    [TestCase(0), TestCase(1), TestCase(2), TestCase(3), TestCase(4)]
    public async Task LogisticRegression_ReferenceRows_EqualsScikitLearn(int number)
    {
        var item = Reference.GetProperty("logistic")[number];
        var classes = item.GetProperty("classes").GetInt32();
        var trainer = Trainers.LogisticRegression();
        var context = Context(
            trainer,
            item,
            classes == 2 ? TaskKind.BinaryClassification : TaskKind.MulticlassClassification,
            classes,
            ("l2", item.GetProperty("l2").GetDouble()));

        var model = (LinearModel)await trainer.TrainAsync(context);

        Assert.That(model.Coefficients.ToArray(), Is.EqualTo(Numbers(item, "coefficients")).Within(1e-6));
        // The intercepts of several classes are known up to a common number; the sum of both solutions is 0.
        Assert.That(model.Intercepts.ToArray(), Is.EqualTo(Numbers(item, "intercepts")).Within(1e-5));
    }

    [TestCase(0), TestCase(1), TestCase(2)]
    public async Task LinearRegression_ReferenceRows_EqualsScikitLearn(int number)
    {
        var item = Reference.GetProperty("ridge")[number];
        var trainer = Trainers.LinearRegression();

        var model = (LinearModel)await trainer.TrainAsync(
            Context(trainer, item, TaskKind.Regression, 1, ("l2", item.GetProperty("l2").GetDouble())));

        Assert.That(model.Coefficients.ToArray(), Is.EqualTo(Numbers(item, "coefficients")).Within(1e-8));
        Assert.That(model.Intercepts[0], Is.EqualTo(item.GetProperty("intercept").GetDouble()).Within(1e-8));
    }

    [TestCase(0), TestCase(1), TestCase(2), TestCase(3), TestCase(4)]
    public async Task GradientBoosting_ReferenceRows_EqualsScikitLearn(int number)
    {
        var item = Reference.GetProperty("boosting")[number];
        var task = item.GetProperty("task").GetString() switch
        {
            "regression" => TaskKind.Regression,
            "binary" => TaskKind.BinaryClassification,
            _ => TaskKind.MulticlassClassification,
        };
        var trainer = Trainers.GradientBoosting();
        var context = Context(
            trainer, item, task, item.GetProperty("classes").GetInt32(), ("trees", 15), ("leaves", 8), ("minLeafRows", 10));

        using var model = await trainer.TrainAsync(context);

        Assert.That(TrainingData.Predict(model, context.Features), Is.EqualTo(Numbers(item, "predicted")).Within(1e-5));
    }

    private static TrainingContext Context(
        ITrainer trainer, JsonElement item, TaskKind task, int classes, params (string, double)[] parameters)
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

    private static double[] Numbers(
        JsonElement item,
        string name) => [.. item.GetProperty(name).EnumerateArray().Select(value => value.GetDouble())];
}
