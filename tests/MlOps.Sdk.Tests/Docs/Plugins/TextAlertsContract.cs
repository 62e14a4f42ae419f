using Acme;
using MlOps.Sdk.Monitoring;
using MlOps.Sdk.Testing;

namespace MlOps.Sdk.Tests.Docs.Plugins;

public sealed class TextAlertsContract : AlertSinkContract
{
    private readonly StringWriter _text = new();

    protected override IAlertSink Create() => new TextAlerts(TextWriter.Synchronized(_text));

    protected override ValueTask<IReadOnlyList<string>> ReceivedAsync(IAlertSink sink) =>
        ValueTask.FromResult<IReadOnlyList<string>>(
            [.. _text.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(' ')[2])]);
}
