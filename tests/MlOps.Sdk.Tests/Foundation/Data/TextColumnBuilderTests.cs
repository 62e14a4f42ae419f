using MlOps.Sdk.Data;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Data;

[TestFixture]
public sealed class TextColumnBuilderTests
{
    [Test]
    public void Append_FromABufferThatIsFilledAgain_TakesTheTextOfNow()
    {
        var buffer = new TextColumnBuilder();
        var target = new TextColumnBuilder();

        foreach (var text in new[] { "a", "b", "a", "c" })
        {
            buffer.Clear();
            buffer.Append(text);
            target.Append(buffer.View, 0);
        }

        var column = target.Build();
        Assert.Multiple(() =>
        {
            Assert.That(Enumerable.Range(0, 4).Select(column.GetText), Is.EqualTo(new[] { "a", "b", "a", "c" }));
            Assert.That(((TextColumn)column).Dictionary.Length, Is.EqualTo(3));
        });
    }

    [Test]
    public void Build_AfterNulls_StartsAgainWithoutThem()
    {
        var builder = new TextColumnBuilder();
        builder.AppendNull();
        builder.Append("a");
        var first = builder.Build();
        builder.Append("b");
        builder.AppendNull();
        var second = builder.Build();

        Assert.Multiple(() =>
        {
            Assert.That(first.IsNull(0), Is.True);
            Assert.That(first.GetText(1), Is.EqualTo("a"));
            Assert.That(second.IsNull(0), Is.False);
            Assert.That(second.NullCount, Is.EqualTo(1));
            Assert.That(second.GetText(1), Is.Null);
        });
    }
}
