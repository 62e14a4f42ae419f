using FsCheck;
using FsCheck.Fluent;
using MlOps.Sdk.Statistics;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Statistics;

public sealed class CharacterCountsTests
{
    [TestCase("", 0, 0, 0, 0, 1, 0)]
    [TestCase(" \t\u00a0", 0, 0, 3, 0, 1, 0)]
    [TestCase("Straße 12b, Köln", 11, 2, 2, 1, 0, 3)]
    [TestCase("٣ ½ x²", 1, 1, 2, 2, 0, 3)]
    [TestCase("👍\u0000", 0, 0, 0, 3, 0, 1)]
    public void Of_Text_CountsEachClass(string text, long letters, long digits, long spaces, long other, long blank, long words) =>
        Assert.That(CharacterCounts.Of(text), Is.EqualTo(new CharacterCounts(letters, digits, spaces, other, blank, words)));

    [Test]
    public void Of_AnyText_CountsEveryCharacterOnce() =>
        Prop.ForAll<string?>(drawn =>
        {
            var text = drawn ?? "";
            var counts = CharacterCounts.Of(text);
            return counts.Letters + counts.Digits + counts.Spaces + counts.Other == text.Length
                && counts.Words == text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Length
                && counts.Blank == (string.IsNullOrWhiteSpace(text) ? 1 : 0);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(500));

    [Test]
    public void Plus_TwoTexts_IsTheSumOfEach() =>
        Assert.That(CharacterCounts.Of("a 1") + CharacterCounts.Of(" "), Is.EqualTo(new CharacterCounts(1, 1, 2, 0, 1, 2)));
}
