using MlOps.Sdk.Storage;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Storage;

internal sealed class PredictionTableTests : StoreFixture
{
    private PredictionTable _predictions = null!;

    [SetUp]
    public void Open() => _predictions = new PredictionTable(Store);

    [Test]
    public async Task InsertAsync_Prediction_IsReadBackWhole()
    {
        await _predictions.InsertAsync(
            [Make("p1") with { Decision = 1 }, Make("p2") with { Score = double.NaN, Row = Array.Empty<byte>() }]);
        var first = (await _predictions.FindAsync("churn", "p1"))!.Prediction;
        Assert.That(
            (first.Model, first.Version, first.At, first.Score, first.Decision),
            Is.EqualTo(("churn", 1, Clock.GetUtcNow(), 0.25, (int?)1)));
        Assert.That(first.Row.ToArray(), Is.EqualTo(new byte[] { 1, 2, 3 }));
        Assert.That(first.Scores.ToArray(), Is.EqualTo(new byte[] { 4, 5 }));
        var second = (await _predictions.FindAsync("churn", "p2"))!.Prediction;
        Assert.That((second.Score, second.Row.Length, second.Decision), Is.EqualTo((double.NaN, 0, (int?)null)));
        Assert.That(await _predictions.FindAsync("churn", "p3"), Is.Null);
    }

    [Test]
    public async Task InsertAsync_SameIdAgain_IsIgnored()
    {
        Assert.That(await _predictions.InsertAsync([Make("p1"), Make("p2")]), Is.EqualTo(2));
        Assert.That(await _predictions.InsertAsync([Make("p2") with { Score = 9 }, Make("p3")]), Is.EqualTo(1));
        Assert.That((await _predictions.FindAsync("churn", "p2"))!.Prediction.Score, Is.EqualTo(0.25));
        Assert.That(await _predictions.CountAsync("churn"), Is.EqualTo(3));
    }

    [Test]
    public async Task InsertAsync_SameIdOfTwoModels_BothAreKept()
    {
        Assert.That(await _predictions.InsertAsync([Make("p1"), Make("p1") with { Model = "other", Score = 9 }]), Is.EqualTo(2));
        Assert.That((await _predictions.FindAsync("churn", "p1"))!.Prediction.Score, Is.EqualTo(0.25));
        Assert.That((await _predictions.FindAsync("other", "p1"))!.Prediction.Score, Is.EqualTo(9));
    }

    [Test]
    public async Task ReadPredictionsAsync_MoreThanAPage_GivesAllInOrder()
    {
        await _predictions.InsertAsync([.. Enumerable.Range(0, 5001).Select(i => Make($"p{i}") with { Version = 1 + (i % 2) })]);
        await _predictions.InsertAsync([Make("other") with { Model = "other" }]);
        var all = await ListAsync(_predictions.ReadPredictionsAsync("churn"));
        Assert.That(all.Select(p => p.Prediction.Id), Is.EqualTo(Enumerable.Range(0, 5001).Select(i => $"p{i}")));
        Assert.That(await ListAsync(_predictions.ReadPredictionsAsync("churn", version: 2)), Has.Count.EqualTo(2500));
        Assert.That(await ListAsync(_predictions.ReadPredictionsAsync("churn", after: all[4998].Position)), Has.Count.EqualTo(2));
        Assert.That(await _predictions.CountAsync("churn", 1), Is.EqualTo(2501));
    }

    [Test]
    public async Task ReadPredictionsAsync_Window_IsHalfOpen()
    {
        var start = Clock.GetUtcNow();
        await _predictions.InsertAsync([.. Enumerable.Range(0, 10).Select(i => Make($"p{i}") with { At = start.AddMinutes(i) })]);
        var window = await ListAsync(_predictions.ReadPredictionsAsync("churn", from: start.AddMinutes(2), until: start.AddMinutes(5)));
        Assert.That(window.Select(p => p.Prediction.Id), Is.EqualTo(new[] { "p2", "p3", "p4" }));
    }

    private PredictionRow Make(string id) =>
        new(id, "churn", 1, Clock.GetUtcNow(), new byte[] { 1, 2, 3 }, 0.25, new byte[] { 4, 5 }, null);
}
