namespace MlOps.Sdk.Monitoring;

/// <summary>Where alerts go. Implementations are thread-safe.</summary>
public interface IAlertSink
{
    /// <summary>Sends an alert. A failure is logged and shown with the report; it never stops monitoring.</summary>
    /// <param name="alert">The alert.</param>
    /// <param name="cancellationToken">Cancels the sending.</param>
    ValueTask SendAsync(Alert alert, CancellationToken cancellationToken = default);
}
