using NUnit.Framework;

namespace MlOps.Sdk.Tests.Exchange;

[TestFixture]
internal sealed class MlflowTextTests
{
    [TestCase("roc_auc", "roc_auc")]
    [TestCase("train/loss.1 b-c", "train/loss.1 b-c")]
    [TestCase("a:b", "a_x003A_b")]
    [TestCase("größe", "gr_x00F6__x00DF_e")]
    [TestCase("_x003A_", "_x005F_x003A_")]
    [TestCase("/a", "_x002F_a")]
    [TestCase("a//b", "a_x002F__x002F_b")]
    [TestCase("a/../b", "a_x002F_.._x002F_b")]
    [TestCase("..", "_x002E__x002E_")]
    [TestCase("😀", "_xD83D__xDE00_")]
    public void NameOf_Any_CanBeReadBack(string name, string written)
    {
        Assert.That(MlflowText.NameOf(name), Is.EqualTo(written));
        Assert.That(MlflowText.Read(written), Is.EqualTo(name));
    }

    [Test]
    public void NameOf_Random_AreReadBackAndDiffer()
    {
        var random = new Random(1);
        var parts = new[] { "_", "x", "_x002F_", "/", ".", "..", "a", "ä", "0041", " ", "\"" };
        var names = Enumerable.Range(0, 5_000)
            .Select(_ => string.Concat(random.GetItems(parts, random.Next(1, 8))))
            .Distinct()
            .ToList();

        var written = names.Select(MlflowText.NameOf).ToList();

        Assert.That(written.Select(MlflowText.Read), Is.EqualTo(names));
        Assert.That(written, Is.Unique);
    }

    [Test]
    public void NameOf_TooLong_IsCutAndDiffers()
    {
        var (a, b) = (MlflowText.NameOf(new string('a', 300)), MlflowText.NameOf(new string('a', 301)));

        Assert.That(a, Has.Length.EqualTo(250));
        Assert.That(a, Is.Not.EqualTo(b));
    }

    [Test]
    public void Cut_InASurrogatePair_LeavesNoHalfOfIt()
    {
        var cut = 0;

        Assert.That(MlflowText.Cut("ab😀d", 4, ref cut), Is.EqualTo("ab…"));
        Assert.That(cut, Is.EqualTo(1));
    }
}
