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

    // At the optimum the gradient of the penalised loss is 0, whatever the penalty: nothing is stopped at too early.
    [Test]
    public async Task LogisticRegression_AnyPenalty_EndsAtTheOptimum([Values(2, 3, 5)] int classes, [Values(1, 1e-4)] double l2)
    {
        var trainer = Trainers.LogisticRegression();
        var task = classes == 2 ? TaskKind.BinaryClassification : TaskKind.MulticlassClassification;
        var context = TrainingData.Make(trainer, task, rows: 600, classes: classes, parameters: [("l2", l2)]);
        var model = (LinearModel)await trainer.TrainAsync(context);
        var outputs = model.Intercepts.Length;
        var coefficients = model.Coefficients.ToArray();
        var width = coefficients.Length / outputs;
        var scores = TrainingData.Predict(model, context.Features);
        var labels = context.Labels.ToArray();

        for (var k = 0; k < outputs; k++)
        {
            double Residual(int row) => scores[row * outputs + k] - (labels[row] == (outputs == 1 ? 1 : k) ? 1 : 0);
            var gradient = Enumerable.Range(0, width)
                .Select(j => Enumerable.Range(0, labels.Length).Sum(row => context.Features.Column(j)[row] * Residual(row))
                    + l2 * coefficients[k * width + j])
                .Append(Enumerable.Range(0, labels.Length).Sum(Residual));
            Assert.That(gradient.Select(slope => slope / labels.Length), Is.All.EqualTo(0).Within(1e-9));
        }
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
