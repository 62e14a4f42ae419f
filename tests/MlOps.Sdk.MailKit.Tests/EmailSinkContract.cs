using MlOps.Sdk.Monitoring;
using MlOps.Sdk.Testing;
using NUnit.Framework;

namespace MlOps.Sdk.MailKit.Tests;

public sealed class EmailSinkContract : AlertSinkContract
{
    private MailServer? _server;

    [TearDown]
    public async Task TearDown()
    {
        if (_server is not null) await _server.DisposeAsync();
        _server = null;
    }

    protected override IAlertSink Create()
    {
        _server = new MailServer();
        return new EmailSink(EmailSinkTests.Options(_server));
    }

    protected override ValueTask<IReadOnlyList<string>> ReceivedAsync(IAlertSink sink) =>
        ValueTask.FromResult<IReadOnlyList<string>>([.. _server!.Mails.Select(mail => mail.TextBody!.Trim().Split("alert ")[^1])]);
}
