using MlOps.Sdk.Data;
using MlOps.Sdk.Features;
using MlOps.Sdk.Testing;
using NUnit.Framework;
using static MlOps.Sdk.Tests.Features.FittedGraphs;

namespace MlOps.Sdk.Tests.Features;

[TestFixture]
public sealed class AutoTransformTests
{
    [Test]
    public async Task Fit_LeavesOutLabelConstantsIdentifiersAndObserved()
    {
        var n = 60;
        var rows = Rows(
            ("x", ColumnType.Number, [.. Enumerable.Range(0, n).Select(i => (object)(double)i)]),
            ("same", ColumnType.Integer, [.. Enumerable.Repeat((object)7L, n)]),
            ("id", ColumnType.Text, [.. Enumerable.Range(0, n).Select(i => (object)$"id{i}")]),
            ("flag", ColumnType.Boolean, [.. Enumerable.Range(0, n).Select(i => (object)(i % 2 == 0))]),
            ("watched", ColumnType.Text, [.. Enumerable.Range(0, n).Select(i => (object)(i % 3 == 0 ? "m" : "f"))]),
            ("y", ColumnType.Integer, [.. Enumerable.Range(0, n).Select(i => (object)(long)(i % 2))]));

        var graph = await GraphAsync(rows, features => features.Auto().Observe("watched"));

        Assert.Multiple(() =>
        {
            Assert.That(graph.Slots.Select(slot => slot.Name), Is.EqualTo(new[] { "x", "flag" }));
            Assert.That(
                graph.Input.Select(field => field.Name),
                Is.EquivalentTo(new[] { "x", "flag", "watched" }),
                "what is observed is recorded, what is left out is not asked for");
        });
    }

    [TestCase("order{0}", "like an identifier")]
    [TestCase("All good things number {0} come to an end", "free text")]
    public void Exclusions_TextsThatAllDiffer_TellFreeTextFromIdentifiers(string text, string says)
    {
        var rows = Rows(
            ("text", ColumnType.Text, [.. Enumerable.Range(0, 60).Select(i => (object)string.Format(null, text, i))]),
            ("y", ColumnType.Integer, [.. Enumerable.Range(0, 60).Select(i => (object)(long)(i % 2))]));

        var exclusions = new AutoTransform([], 100).Exclusions(new SampleFitContext(rows, "y"));

        Assert.That(exclusions.Single(exclusion => exclusion.Column == "text").Reason, Does.Contain(says));
    }

    [Test]
    public async Task Fit_ColumnsOfEveryType_GetTheTransformOfTheirType()
    {
        var rows = Rows(
            ("x", ColumnType.Number, [1.0, 2.0, 3.0, 4.0]),
            ("c", ColumnType.Text, ["a", "b", "a", "b"]),
            ("left", ColumnType.Text, ["a", "b", "a", "b"]),
            ("y", ColumnType.Integer, [1L, 0L, 1L, 0L]));

        var graph = await GraphAsync(rows, features => features.Auto(except: ["left"]));

        Assert.That(graph.Slots.Select(slot => slot.Name), Is.EqualTo(new[] { "x", "c=a", "c=b", "c is unknown" }));
    }
}
