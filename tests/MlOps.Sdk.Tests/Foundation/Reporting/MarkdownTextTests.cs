using MlOps.Sdk.Reporting;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Reporting;

internal sealed class MarkdownTextTests
{
    [TestCase(null, "")]
    [TestCase("plain text, with 3.5 % and (brackets)", "plain text, with 3.5 % and (brackets)")]
    [TestCase("a\r\nb\nc\td", "a b c d")]
    [TestCase("<b>&amp;", "&lt;b&gt;&amp;amp;")]
    [TestCase("a|b `c` *d* _e_ [f](g) #h @i !j ~k \\l $m$", "a\\|b \\`c\\` \\*d\\* \\_e\\_ \\[f\\](g) \\#h \\@i \\!j \\~k \\\\l \\$m\\$")]
    [TestCase("https://x", "https\\://x")]
    [TestCase("www.x.y WWW.z", "www\\.x.y WWW\\.z")]
    [TestCase("a\u202eb\u0007c\u2028d", "a□b□c□d")]
    [TestCase("😀", "😀")]
    public void Escape_Text_StaysText(string? text, string expected) => Assert.That(MarkdownText.Escape(text), Is.EqualTo(expected));

    [Test]
    public void Escape_HalfASurrogate_IsABox() =>
        Assert.That(MarkdownText.Escape(new string((char)0xd83d, 1) + "a"), Is.EqualTo("□a"));
}
