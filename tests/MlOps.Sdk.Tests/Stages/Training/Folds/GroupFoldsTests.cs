using MlOps.Sdk.Processing;
using MlOps.Sdk.Training;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Training;

public sealed class GroupFoldsTests
{
    private static readonly RowKey[] Groups = [.. Enumerable.Range(0, 2_000).Select(row => Key(row * row % 97))];

    [Test]
    public void Split_Groups_AreInOneFoldEach()
    {
        var folds = GroupFolds.Split(Groups, 5, seed: 3);

        Assert.That(folds.SelectMany(fold => fold.Validation), Is.EquivalentTo(Enumerable.Range(0, Groups.Length)));
        foreach (var (train, validation) in folds)
        {
            Assert.That(train.Select(row => Groups[row]).Intersect(validation.Select(row => Groups[row])), Is.Empty);
            Assert.That(train.Concat(validation), Is.EquivalentTo(Enumerable.Range(0, Groups.Length)));
            Assert.That(validation, Has.Length.InRange(350, 450));
        }
    }

    [Test]
    public void Split_RowsInAnotherOrder_PutsEachGroupIntoTheSameFold()
    {
        int[] order = [.. Enumerable.Range(0, Groups.Length)];
        new Random(1).Shuffle(order);

        var folds = GroupFolds.Split(Groups, 4, seed: 3);
        var shuffled = GroupFolds.Split(Array.ConvertAll(order, row => Groups[row]), 4, seed: 3);

        for (var fold = 0; fold < 4; fold++)
        {
            Assert.That(
                shuffled[fold].Validation.Select(row => Groups[order[row]]).ToHashSet(),
                Is.EquivalentTo(folds[fold].Validation.Select(row => Groups[row]).ToHashSet()));
        }
        Assert.That(GroupFolds.Split(Groups, 4, seed: 4)[0].Validation, Is.Not.EqualTo(folds[0].Validation));
    }

    [Test]
    public void Split_OneLargeGroup_LeavesTheOthersToTheOtherFolds()
    {
        RowKey[] groups = [.. Enumerable.Repeat(Key(0), 60), .. Enumerable.Range(1, 40).Select(i => Key(i))];

        Assert.That(GroupFolds.Split(groups, 3, seed: 1).Select(fold => fold.Validation.Length).Order(), Is.EqualTo(new[] { 20, 20, 60 }));
    }

    [Test]
    public void Split_FewerGroupsThanFolds_SaysSo() =>
        Assert.That(
            () => GroupFolds.Split([Key(1), Key(1), Key(2), Key(1)], 3, seed: 1),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("2 groups").And.Property("Remedy").Contains("CrossValidate"));

    private static RowKey Key(int group) => new((ulong)group * 7919, (ulong)group);
}
