// begin-snippet: custom-alert-sink
using MlOps.Sdk.Monitoring;

namespace Acme;

/// <summary>Writes alerts as lines. Thread-safe when the writer is; a failure is logged and never stops monitoring.</summary>
public sealed class TextAlerts(TextWriter writer) : IAlertSink
{
    public async ValueTask SendAsync(Alert alert, CancellationToken cancellationToken = default) =>
        await writer.WriteLineAsync($"{alert.At:u} {alert.Id} {alert.Message}".AsMemory(), cancellationToken);
}
// end-snippet
