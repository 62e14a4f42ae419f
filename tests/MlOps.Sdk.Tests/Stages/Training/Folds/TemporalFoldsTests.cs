using FsCheck;
using FsCheck.Fluent;
using MlOps.Sdk.Training;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Training;

public sealed class TemporalFoldsTests
{
    [Test]
    public void Split_EvenTimes_ExpandsTheWindowBlockByBlock()
    {
        long[] times = [.. Enumerable.Range(0, 12).Select(i => (long)(i * 5 % 12))];

        var folds = TemporalFolds.Split(times, 3, TimeSpan.Zero);

        Assert.That(
            folds.Select(fold => string.Join(' ', fold.Train.Select(row => times[row]).Order())),
            Is.EqualTo(new[] { "0 1 2", "0 1 2 3 4 5", "0 1 2 3 4 5 6 7 8" }));
        Assert.That(
            folds.Select(fold => string.Join(' ', fold.Validation.Select(row => times[row]).Order())),
            Is.EqualTo(new[] { "3 4 5", "6 7 8", "9 10 11" }));
    }

    [Test]
    public void Split_Gap_LeavesTheRowsBeforeABlockOut()
    {
        long[] times = [.. Enumerable.Range(0, 12).Select(i => (long)i)];

        var folds = TemporalFolds.Split(times, 3, TimeSpan.FromTicks(2));

        Assert.That(folds.Select(fold => fold.Train.Max()), Is.EqualTo(new[] { 0, 3, 6 }));
        Assert.That(folds.Select(fold => fold.Validation.Min()), Is.EqualTo(new[] { 3, 6, 9 }));
    }

    [Test]
    public void Split_ArbitraryTimes_ValidatesOnlyOnLaterRows() =>
        Prop.ForAll<byte[], byte, byte>((bytes, foldByte, gapByte) =>
        {
            var folds = 2 + foldByte % 5;
            var gap = gapByte % 4;
            long[] times = [.. bytes.Select(b => 100L + b % 23)];
            if (times.Distinct().Count() <= folds) return Refuses(times, folds, gap);
            IReadOnlyList<FoldRows> split;
            try
            {
                split = TemporalFolds.Split(times, folds, TimeSpan.FromTicks(gap));
            }
            catch (MlOpsException e)
            {
                return gap > 0 && e.Message.Contains("gap", StringComparison.Ordinal);
            }

            var first = times.Min();
            var validated = split.SelectMany(fold => fold.Validation).ToArray();
            return split.Count == folds
                && validated.Length == validated.Distinct().Count()
                && times.Where((_, row) => !validated.Contains(row)).Max() < validated.Min(row => times[row])
                && split.All(fold => fold.Train.Length > 0 && fold.Validation.Length > 0
                    && fold.Train.Max(row => times[row]) < fold.Validation.Min(row => times[row]) - gap
                    && fold.Train.Length == times.Count(time => time < fold.Validation.Min(row => times[row]) - gap))
                && split
                    .Zip(split.Skip(1))
                    .All(pair => pair.First.Validation.Max(row => times[row]) < pair.Second.Validation.Min(row => times[row]))
                && first < split[0].Validation.Min(row => times[row]);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(500));

    [Test]
    public void Split_TooFewTimes_SaysSo() =>
        Assert.That(
            () => TemporalFolds.Split([1, 2, 2, 3, 3, 3], 3, TimeSpan.Zero),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("3 different times").And.Message.Contains("need 4"));

    [Test]
    public void Split_GapLongerThanTheFirstBlock_SaysSo() => Assert.That(
        () => TemporalFolds.Split([1, 2, 3, 4, 5, 6], 2, TimeSpan.FromTicks(10)),
        Throws.TypeOf<MlOpsException>().With.Message.Contains("fold 1 of 2").And.Property("Remedy").Contains("Shorten the gap"));

    private static bool Refuses(long[] times, int folds, int gap)
    {
        try
        {
            TemporalFolds.Split(times, folds, TimeSpan.FromTicks(gap));
            return false;
        }
        catch (MlOpsException)
        {
            return true;
        }
    }
}
