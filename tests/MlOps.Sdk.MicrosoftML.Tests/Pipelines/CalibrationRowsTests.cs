using NUnit.Framework;

namespace MlOps.Sdk.MLNet.Tests;

public sealed class CalibrationRowsTests
{
    [TestCase(false)]
    [TestCase(true)]
    public void Split_EveryRow_IsInOneFoldOfEachClassItsShare(bool areGrouped)
    {
        double[] labels = [.. Enumerable.Range(0, 300).Select(row => row / 3 % 5 == 0 ? 1.0 : 0)];
        int[] groups = areGrouped ? [.. Enumerable.Range(0, 300).Select(row => row / 3)] : [];

        var folds = CalibrationRows.Split(labels, groups, 2, 3, seed: 4);

        Assert.That(folds.SelectMany(rows => rows).Order(), Is.EqualTo(Enumerable.Range(0, 300)));
        foreach (var fold in folds)
        {
            Assert.That(fold, Has.Length.EqualTo(100).Within(2));
            Assert.That(fold.Count(row => labels[row] == 1), Is.EqualTo(20).Within(2));
            if (areGrouped) Assert.That(fold.CountBy(row => groups[row]).Select(count => count.Value), Is.All.EqualTo(3));
        }
    }

    [Test]
    public void Split_GroupsOfSeveralClassesAndSizes_AreKeptTogether()
    {
        var random = new Random(2);
        int[] groups = [.. Enumerable.Range(0, 500).Select(_ => random.Next(40) * random.Next(3))];
        double[] labels = [.. Enumerable.Range(0, 500).Select(_ => (double)random.Next(3))];

        var folds = CalibrationRows.Split(labels, groups, 3, 3, seed: 4);

        Assert.That(folds.SelectMany(rows => rows).Order(), Is.EqualTo(Enumerable.Range(0, 500)));
        Assert.That(
            folds.SelectMany(fold => fold.Select(row => groups[row]).Distinct()), Is.Unique, "a group is in two folds");
    }

    [Test]
    public void Split_ClassWithoutRows_IsLeftOut() =>
        Assert.That(CalibrationRows.Split([0, 0, 0, 2, 2, 2], [], 3, 3, 1).Select(fold => fold.Length), Is.All.EqualTo(2));

    [Test]
    public void Split_TooFewRowsOrGroupsOfAClass_IsRefused()
    {
        Assert.That(
            () => CalibrationRows.Split([0, 0, 0, 1, 1], [], 2, 3, 1),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("A class has 2 training rows"));
        Assert.That(
            () => CalibrationRows.Split([0, 0, 0, 0, 1, 1, 1, 1], [1, 2, 3, 4, 5, 5, 5, 5], 2, 3, 1),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("in too few groups"));
    }
}
