using MlOps.Sdk.Problem;
using MlOps.Sdk.Training;
using NUnit.Framework;
using static MlOps.Sdk.Tests.Training.TrainingReference;

namespace MlOps.Sdk.Tests.Training;

/// <summary>Boosted trees against scikit-learn.</summary>
public sealed class GradientBoostingReferenceTests
{
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
}
