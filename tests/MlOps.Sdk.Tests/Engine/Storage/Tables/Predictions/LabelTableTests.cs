using MlOps.Sdk.Storage;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Storage;

internal sealed class LabelTableTests : StoreFixture
{
    private LabelTable _labels = null!;
    private PredictionTable _predictions = null!;

    [SetUp]
    public void Open()
    {
        _labels = new LabelTable(Store);
        _predictions = new PredictionTable(Store);
    }

    [Test]
    public async Task InsertAsync_LabelsOfAllKinds_AreCounted()
    {
        await PredictAsync("p1", "p2");
        Assert.That((await LabelAsync("p1", "Yes")).Added, Is.EqualTo(1));
        Assert.That((await LabelAsync("p1", "Yes")).Unchanged, Is.EqualTo(1));
        Assert.That((await LabelAsync("p1", "No")).Changed, Is.EqualTo(1));
        var unknown = await LabelAsync("p9", "Yes");
        Assert.That((unknown.Added, unknown.Changed, unknown.Unchanged, unknown.Unmatched.Single()), Is.EqualTo((0, 0, 0, "p9")));
        Assert.That(await _labels.CountAsync("churn"), Is.EqualTo(new LabelCounts(1, 1, 1)));
    }

    [Test]
    public async Task InsertAsync_LabelBeforeItsPrediction_MatchesLater()
    {
        await LabelAsync("p1", "Yes");
        Assert.That(await ListAsync(_labels.ReadLabelledAsync("churn")), Is.Empty);
        await PredictAsync("p1");
        Assert.That((await ListAsync(_labels.ReadLabelledAsync("churn"))).Single().Label, Is.EqualTo("Yes"));
        Assert.That((await _labels.CountAsync("churn")).Unmatched, Is.Zero);
    }

    [Test]
    public async Task ReadLabelledAsync_OrderOfLabels_ChangedOnesComeAgain()
    {
        await PredictAsync("p1", "p2", "p3");
        foreach (var id in new[] { "p3", "p1", "p2" }) await LabelAsync(id, "No");
        var labelled = await ListAsync(_labels.ReadLabelledAsync("churn"));
        Assert.That(labelled.Select(l => l.Prediction.Id), Is.EqualTo(new[] { "p3", "p1", "p2" }));
        await LabelAsync("p3", "Yes");
        await LabelAsync("p1", "No");
        var later = await ListAsync(_labels.ReadLabelledAsync("churn", labelled[^1].Position));
        Assert.That(later.Select(l => (l.Prediction.Id, l.Label)), Is.EqualTo(new[] { ("p3", "Yes") }));
        Assert.That(later[0].LabelledAt, Is.EqualTo(Clock.GetUtcNow()));
        Assert.That(await ListAsync(_labels.ReadLabelledAsync("other")), Is.Empty);
    }

    [Test]
    public async Task ReadLabelledAsync_MoreThanAPage_GivesAll()
    {
        var ids = Enumerable.Range(0, 4500).Select(i => $"p{i}").ToArray();
        await PredictAsync(ids);
        await _labels.InsertAsync([.. ids.Select(id => new LabelRow("churn", id, "Yes", Clock.GetUtcNow()))]);
        Assert.That((await ListAsync(_labels.ReadLabelledAsync("churn"))).Select(l => l.Prediction.Id), Is.EqualTo(ids));
    }

    [Test]
    public async Task InsertAsync_SameIdOfTwoModels_EachHasItsOwnLabel()
    {
        await PredictAsync("p1");
        await LabelAsync("p1", "Yes");
        var other = await LabelAsync("p1", "No", "other");
        Assert.That(
            (other.Added, other.Changed, other.Unmatched.Single()), Is.EqualTo((0, 0, "p1")), "the other model has predicted nothing");
        Assert.That((await ListAsync(_labels.ReadLabelledAsync("churn"))).Single().Label, Is.EqualTo("Yes"));
        Assert.That(await _labels.CountAsync("churn"), Is.EqualTo(new LabelCounts(1, 0, 0)));
    }

    private Task<LabelReceipt> LabelAsync(string id, string label, string model = "churn") =>
        _labels.InsertAsync([new LabelRow(model, id, label, Clock.GetUtcNow())]);

    private Task PredictAsync(params string[] ids) =>
        _predictions.InsertAsync(
            [.. ids.Select(id => new PredictionRow(id, "churn", 1, Clock.GetUtcNow(), new byte[] { 1 }, 0.5, new byte[] { 1 }, null))]);
}
