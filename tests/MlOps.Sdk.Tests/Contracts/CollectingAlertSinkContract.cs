using MlOps.Sdk.Monitoring;
using MlOps.Sdk.Testing;

namespace MlOps.Sdk.Tests.Contracts;

public sealed class CollectingAlertSinkContract : AlertSinkContract
{
    protected override IAlertSink Create() => new CollectingAlertSink();

    protected override ValueTask<IReadOnlyList<string>> ReceivedAsync(IAlertSink sink) =>
        ValueTask.FromResult<IReadOnlyList<string>>([.. ((CollectingAlertSink)sink).Alerts.Select(alert => alert.Id)]);
}
