using MlOps.Sdk.Data;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Data;

public sealed class TextColumnBuilderTests
{
    [Test]
    public void Append_FromAViewThatIsClearedAndFilledAgain_TakesTheTextsOfTheMoment()
    {
        var source = new TextColumnBuilder();
        var target = new TextColumnBuilder();
        foreach (var text in new[] { "plus", "basic", "pro", "basic" })
        {
            source.Clear();
            source.Append(text);
            target.Append(source.View, 0);
        }

        var column = target.Build();
        Assert.That(Enumerable.Range(0, 4).Select(column.GetText), Is.EqualTo(new[] { "plus", "basic", "pro", "basic" }));
    }

    [Test]
    public void Append_FromAViewThatGrows_TakesTheNewTexts()
    {
        var source = new TextColumnBuilder();
        var target = new TextColumnBuilder();
        for (var i = 0; i < 50; i++)
        {
            source.Append($"text {i}");
            target.Append(source.View, i);
        }

        var column = target.Build();
        Assert.That(Enumerable.Range(0, 50).Select(column.GetText), Is.EqualTo(Enumerable.Range(0, 50).Select(i => $"text {i}")));
    }
}
