using MlOps.Sdk.Training;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Training;

public class StratifiedFoldsTests
{
    [TestCase(100, 5), TestCase(103, 7), TestCase(20, 20)]
    public void Assign_Classes_SpreadsEachEvenly(int rows, int folds)
    {
        double[] labels = [.. Enumerable.Range(0, rows).Select(i => i % 9 == 0 ? 2.0 : i % 2)];

        var assigned = StratifiedFolds.Assign(labels, folds, seed: 1);

        Assert.That(Sizes(assigned), Has.Length.EqualTo(folds).And.All.InRange(rows / folds, rows / folds + 1));
        foreach (var label in labels.Distinct())
        {
            var ofClass = assigned.Where((_, i) => labels[i] == label).ToArray();
            var least = ofClass.Length / folds;
            for (var fold = 0; fold < folds; fold++) Assert.That(ofClass.Count(f => f == fold), Is.InRange(least, least + 1));
        }
    }

    [Test]
    public void Assign_SameSeed_SameFolds()
    {
        var labels = new double[50];
        var first = StratifiedFolds.Assign(labels, 5, 9);

        Assert.That(StratifiedFolds.Assign(labels, 5, 9), Is.EqualTo(first));
        Assert.That(StratifiedFolds.Assign(labels, 5, 10), Is.Not.EqualTo(first));
    }

    [Test]
    public void Assign_Regression_IgnoresTheOrderOfLabels()
    {
        double[] labels = [.. Enumerable.Range(0, 90).Select(i => (double)i)];

        var assigned = StratifiedFolds.Assign(labels, 3, 1, stratify: false);

        Assert.That(Sizes(assigned), Is.All.EqualTo(30));
        Assert.That(assigned.Take(3).Concat(assigned.Skip(3).Take(3)), Is.Not.EqualTo(new[] { 0, 1, 2, 0, 1, 2 }));
    }

    [Test]
    public void Assign_FewerRowsThanFolds_FailsWithRemedy() =>
        Assert.That(
            () => StratifiedFolds.Assign([0, 1, 1], 4, 1),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("3 training rows").And.Property("Remedy").Contains("CrossValidate"));

    private static int[] Sizes(int[] assigned) => [.. assigned.GroupBy(fold => fold).Select(group => group.Count())];
}
