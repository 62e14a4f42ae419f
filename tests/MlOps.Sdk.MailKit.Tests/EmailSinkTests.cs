using System.Text;
using MimeKit;
using MlOps.Sdk.Monitoring;
using NUnit.Framework;

namespace MlOps.Sdk.MailKit.Tests;

[TestFixture]
public sealed class EmailSinkTests
{
    private const string Password = "correct horse battery staple";

    private static readonly Alert Sample = new(
        "alert-7", "churn", 3, new DateTimeOffset(2026, 5, 1, 12, 0, 0, TimeSpan.Zero), [Signal.DataDrift, Signal.Bias], "age changed.")
    {
        Subjects = [new AlertSubject(Signal.DataDrift, "age")],
    };

    [Test]
    public async Task Send_Alert_ArrivesAsTextAndHtmlForEveryReceiver()
    {
        await using var server = new MailServer();
        var options = Options(server);
        options.To.Add("on-call@example.org");

        await new EmailSink(options).SendAsync(Sample);

        var mail = server.Mails.Single();
        Assert.Multiple(() =>
        {
            Assert.That(mail.Subject, Is.EqualTo("churn: data drift, bias"));
            Assert.That(mail.From.ToString(), Does.Contain("models@example.org"));
            Assert.That(mail.To.Mailboxes.Select(to => to.Address), Is.EqualTo(new[] { "team@example.org", "on-call@example.org" }));
            Assert.That(server.Commands, Has.One.StartsWith("RCPT TO:<team@").And.One.StartsWith("RCPT TO:<on-call@"));
            Assert.That(server.Commands, Has.None.StartsWith("AUTH"));
            Assert.That(mail.TextBody, Does.StartWith("age changed.").And.Contain("alert alert-7"));
            Assert.That(mail.HtmlBody, Does.Contain("<p>age changed.</p>"));
            Assert.That(mail.Date, Is.EqualTo(Sample.At));
            Assert.That(mail.Headers["Auto-Submitted"], Is.EqualTo("auto-generated"));
            Assert.That(mail.Headers[HeaderId.Bcc], Is.Null);
        });
    }

    [Test]
    public async Task Send_Again_HasTheSameIdAndAResolutionAnswersIt()
    {
        await using var server = new MailServer();
        var sink = new EmailSink(Options(server));

        await sink.SendAsync(Sample);
        await sink.SendAsync(Sample);
        await sink.SendAsync(Sample with { Kind = AlertKind.Resolved });

        var mails = server.Mails;
        Assert.That(mails[1].MessageId, Is.EqualTo(mails[0].MessageId));
        Assert.That((mails[2].InReplyTo, mails[2].Subject), Is.EqualTo((mails[0].MessageId, "Resolved: churn")));
        Assert.That(mails[2].MessageId, Is.Not.EqualTo(mails[0].MessageId));
    }

    [Test]
    public async Task Send_WithUser_Authenticates()
    {
        await using var server = new MailServer();
        var options = Options(server);
        (options.User, options.Password) = ("models", _ => ValueTask.FromResult(Password));

        await new EmailSink(options).SendAsync(Sample);

        var plain = Convert.ToBase64String(Encoding.UTF8.GetBytes($"\0models\0{Password}"));
        Assert.That(server.Commands, Has.One.EqualTo($"AUTH PLAIN {plain}"));
    }

    [Test]
    public async Task Send_HostileNames_AddNoHeaderAndNoMarkup()
    {
        await using var server = new MailServer();
        var hostile = "x\r\nBcc: victim@example.org\r\n\r\n<script>alert(1)</script><img src=http://evil.example/> \u202Egnp";
        var alert = new Alert($"id\r\nBcc: a@b.c", hostile, 1, Sample.At, [Signal.Custom], hostile);

        await new EmailSink(Options(server)).SendAsync(alert);

        var mail = server.Mails.Single();
        Assert.Multiple(() =>
        {
            Assert.That(mail.Headers.Select(header => header.Field), Has.None.EqualTo("Bcc").IgnoreCase);
            Assert.That(server.Commands.Count(command => command.StartsWith("RCPT", StringComparison.Ordinal)), Is.EqualTo(1));
            Assert.That(mail.Subject, Does.Not.Contain("\r").And.Not.Contain("\n"));
            Assert.That(mail.HtmlBody, Does.Not.Contain("<script").And.Not.Contain("<img").And.Contain("&lt;script&gt;"));
            Assert.That(mail.HtmlBody + mail.TextBody, Does.Not.Contain("http://").And.Not.Contain("\u202E"));
            Assert.That(mail.MessageId, Does.Match("^[0-9a-f]{32}\\.Raised@example\\.org$"));
        });
    }

    [Test]
    public async Task Send_ServerCannotEncrypt_SendsNothingUnlessAskedTo()
    {
        await using var server = new MailServer();
        var options = Options(server);
        (options.Security, options.User, options.Password) = (EmailSecurity.StartTls, "models", _ => ValueTask.FromResult(Password));

        Assert.That(async () => await new EmailSink(options).SendAsync(Sample), Throws.TypeOf<MlOpsException>());
        Assert.That(server.Commands, Has.None.StartsWith("AUTH").And.None.StartsWith("MAIL"));
    }

    [TestCase("RCPT", "550 nobody of that name", "nobody of that name")]
    [TestCase("AUTH", "535 wrong: correct horse battery staple", "wrong")]
    [TestCase("DATA", "451 later", "later")]
    public async Task Send_ServerRefuses_SaysWhyWithoutThePassword(string command, string answer, string says)
    {
        await using var server = new MailServer(line => line.StartsWith(command, StringComparison.Ordinal) ? answer : null);
        var options = Options(server);
        (options.User, options.Password) = ("models", _ => ValueTask.FromResult(Password));

        var thrown = await Assert.ThrowsAsync<MlOpsException>(async () => await new EmailSink(options).SendAsync(Sample));

        Assert.That(thrown!.ToString(), Does.Contain("The mail server '127.0.0.1' did not take the alert").And.Contain(says)
            .And.Not.Contain(Password));
        Assert.That(server.Mails, Is.Empty);
    }

    [Test]
    public async Task Send_ServerIsSilent_EndsInTimeOrWhenCancelled()
    {
        await using var server = new MailServer(_ => "");
        var options = Options(server);
        options.Timeout = TimeSpan.FromMilliseconds(200);

        Assert.That(
            async () => await new EmailSink(options).SendAsync(Sample),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("did not answer in time"));

        using var cancellation = new CancellationTokenSource();
        await using var cancelling = new MailServer(_ =>
        {
            cancellation.Cancel();
            return "";
        });
        Assert.That(
            async () => await new EmailSink(Options(cancelling)).SendAsync(Sample, cancellation.Token),
            Throws.InstanceOf<OperationCanceledException>());
    }

    [Test]
    public async Task Send_PasswordCannotBeRead_IsAnError()
    {
        await using var server = new MailServer();
        var options = Options(server);
        var variable = $"MLOPS_TEST_{Guid.NewGuid():N}";
        options.User = "models";
        options.PasswordFromEnvironment(variable);

        Assert.That(
            async () => await new EmailSink(options).SendAsync(Sample),
            Throws.TypeOf<MlOpsException>().With.Message.Contains($"'{variable}' is not set"));
        options.Password = _ => ValueTask.FromResult("");
        Assert.That(
            async () => await new EmailSink(options).SendAsync(Sample), Throws.TypeOf<MlOpsException>().With.Message.Contains("is empty"));
        Assert.That(server.Commands, Is.Empty);
    }

    [Test]
    public void AlertByEmail_OptionThatIsWrong_IsRefused()
    {
        Assert.Multiple(() =>
        {
            Refuses(options => options.Host = " ");
            Refuses(options => options.Port = 0);
            Refuses(options => options.From = "models@example.org\r\nBcc: victim@example.org");
            Refuses(options => options.From = "nobody");
            Refuses(options => options.To.Clear());
            Refuses(options => options.To.Add("a@b.example\nx"));
            Refuses(options => (options.Host, options.Security) = ("mail.example.org", EmailSecurity.None));
            Refuses(options => options.User = "models");
            Refuses(options => options.Timeout = TimeSpan.Zero);
            Refuses(options => options.Security = (EmailSecurity)7);
        });

        static void Refuses(Action<EmailOptions> mistake) => Assert.That(
            () => LifecycleBuilder.Create("x").MonitorModel(monitoring => monitoring.DataDrift().AlertByEmail(options =>
            {
                (options.Host, options.Security, options.From) = ("127.0.0.1", EmailSecurity.None, "models@example.org");
                options.To.Add("team@example.org");
                mistake(options);
            })),
            Throws.InstanceOf<ArgumentException>());
    }

    internal static EmailOptions Options(MailServer server)
    {
        var options = new EmailOptions
        {
            Host = "127.0.0.1", Port = server.Port, Security = EmailSecurity.None, From = "Models <models@example.org>",
        };
        options.To.Add("team@example.org");
        return options;
    }
}
