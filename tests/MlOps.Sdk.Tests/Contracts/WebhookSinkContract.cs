using MlOps.Sdk.Monitoring;
using MlOps.Sdk.Testing;
using MlOps.Sdk.Tests.Monitoring;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Contracts;

public sealed class WebhookSinkContract : AlertSinkContract
{
    private WebhookReceiver? _receiver;

    [TearDown]
    public async Task TearDown()
    {
        if (_receiver is not null) await _receiver.DisposeAsync();
        _receiver = null;
    }

    protected override IAlertSink Create()
    {
        _receiver = new WebhookReceiver(_ => "200 OK");
        return new WebhookSink(_receiver.Url, new WebhookOptions());
    }

    protected override ValueTask<IReadOnlyList<string>> ReceivedAsync(IAlertSink sink) =>
        ValueTask.FromResult<IReadOnlyList<string>>(
            [.. _receiver!.Requests.Select(request => request.Json.GetProperty("id").GetString()!)]);
}
