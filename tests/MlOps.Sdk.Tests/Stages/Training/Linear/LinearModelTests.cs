using MlOps.Sdk.Problem;
using MlOps.Sdk.Training;
using NUnit.Framework;
using static MlOps.Sdk.Tests.Training.TrainingReference;

namespace MlOps.Sdk.Tests.Training;

/// <summary>The linear trainers against scikit-learn.</summary>
public sealed class LinearModelTests
{
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
}
