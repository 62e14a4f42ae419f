using System.Text.Json;
using MlOps.Sdk.Monitoring;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Monitoring;

/// <summary>Names from data must not call people or become links in a chat.</summary>
[TestFixture]
public sealed class WebhookBodyTests
{
    private const string Hostile =
        "<!channel> @here <@U123> <https://evil.example|click> [x](javascript:alert(1)) http://evil.example/a www.evil.example evil.com " +
        "`code` *bold* & \u202Egnp.exe\r\n- item <at>all</at>";

    [TestCase(WebhookFormat.Slack)]
    [TestCase(WebhookFormat.Teams)]
    public void Write_HostileNames_AreHarmlessText(WebhookFormat format)
    {
        var texts = new List<string>();
        Collect(Body(format, Hostile), texts);

        Assert.Multiple(() =>
        {
            Assert.That(texts, Has.Some.Contains("channel"), "it can still be read");
            foreach (var text in texts.Where(text => text != "http://adaptivecards.io/schemas/adaptive-card.json"))
            {
                Assert.That(text, Does.Not.Contain("@here").And.Not.Contain("@U").And.Not.Contain("://").And.Not.Contain("<!channel>"));
                Assert.That(text, Does.Not.Contain("www.evil").And.Not.Contain("evil.com").And.Not.Contain("javascript:alert"));
                Assert.That(text, Does.Not.Contain("\u202E").And.Not.Contain("\r").And.Not.Contain("\n"));
                if (format == WebhookFormat.Slack) Assert.That(text, Does.Not.Contain("<").And.Not.Contain(">"));
            }
        });
    }

    [TestCase("churn: 12.5 % at 2026-04-01 01:23:45Z, 1,000 calls!")]
    [TestCase("errors: 100.00 % of 116 calls fail; latency: 3 ms")]
    public void Plain_TimesAndNumbers_StayAsTheyAre(string text) => Assert.That(AlertText.Plain(text, 500), Is.EqualTo(text));

    [TestCase(":100:")]
    [TestCase("a:12:b")]
    [TestCase("1:100:1")]
    [TestCase("!here")]
    [TestCase("javascript:alert")]
    [TestCase("10.0.0.1/a")]
    [TestCase("# heading")]
    public void Plain_WhatAChatReads_IsBroken(string text) =>
        Assert.That(AlertText.Plain(text, 500), Does.Contain("\u200B"));

    [Test]
    public void Write_Slack_IsPlainTextInBlocks()
    {
        var body = Body(WebhookFormat.Slack, "a < b & c");

        var blocks = body.GetProperty("blocks");
        Assert.That(blocks.EnumerateArray().Select(block => block.GetProperty("type").GetString()),
            Is.EqualTo(new[] { "header", "section", "context" }));
        Assert.That(blocks[1].GetProperty("text").GetProperty("type").GetString(), Is.EqualTo("plain_text"));
        Assert.That(blocks[1].GetProperty("text").GetProperty("text").GetString(), Is.EqualTo("a &lt; b &amp; c"));
        Assert.That(body.GetProperty("text").GetString(), Does.Contain("data drift"));
    }

    [Test]
    public void Write_Teams_IsACardWithoutMarkdown()
    {
        var attachment = Body(WebhookFormat.Teams, "a changed by 0.35.").GetProperty("attachments")[0];

        var card = attachment.GetProperty("content");
        Assert.That(attachment.GetProperty("contentType").GetString(), Is.EqualTo("application/vnd.microsoft.card.adaptive"));
        Assert.That(card.GetProperty("type").GetString(), Is.EqualTo("AdaptiveCard"));
        Assert.That(card.GetProperty("body").EnumerateArray().Select(element => element.GetProperty("type").GetString()),
            Is.All.EqualTo("RichTextBlock"), "a TextBlock would read Markdown");
        Assert.That(
            card.GetProperty("body")[1].GetProperty("inlines")[0].GetProperty("text").GetString(), Is.EqualTo("a changed by 0.35."));
    }

    [TestCase(WebhookFormat.Slack, 'x')]
    [TestCase(WebhookFormat.Slack, '&')]
    [TestCase(WebhookFormat.Slack, '@')]
    [TestCase(WebhookFormat.Teams, 'x')]
    public void Write_LongMessage_IsCutToWhatAChatTakes(WebhookFormat format, char of)
    {
        var texts = new List<string>();

        Collect(Body(format, new string(of, 100_000)), texts);

        Assert.That(texts.Max(text => text.Length), Is.LessThan(3_000).And.GreaterThan(1_000));
    }

    [Test]
    public void Write_Resolved_SaysSo()
    {
        var alert = Alert("churn is stable again.") with { Kind = AlertKind.Resolved };

        var json = JsonDocument.Parse(WebhookBody.Write(alert, WebhookFormat.Json)).RootElement;
        var slack = JsonDocument.Parse(WebhookBody.Write(alert, WebhookFormat.Slack)).RootElement;

        Assert.That(json.GetProperty("kind").GetString(), Is.EqualTo("Resolved"));
        Assert.That(slack.GetProperty("text").GetString(), Does.StartWith("Resolved"));
    }

    private static Alert Alert(string message) =>
        new("alert-1", message.Length > 1_000 ? "churn" : $"churn {message}", 3, DateTimeOffset.UnixEpoch, [Signal.DataDrift], message);

    private static JsonElement Body(WebhookFormat format, string message) =>
        JsonDocument.Parse(WebhookBody.Write(Alert(message), format)).RootElement;

    private static void Collect(JsonElement element, List<string> texts)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.String:
                texts.Add(element.GetString()!);
                break;
            case JsonValueKind.Object:
                foreach (var member in element.EnumerateObject()) Collect(member.Value, texts);
                break;
            case JsonValueKind.Array:
                foreach (var each in element.EnumerateArray()) Collect(each, texts);
                break;
        }
    }
}
