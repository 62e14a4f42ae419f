namespace MlOps.Sdk.Monitoring;

/// <summary>Where alerts go. Implementations are thread-safe.</summary>
public interface IAlertSink
{
    /// <summary>
    /// Whether alerts of <see cref="AlertKind.Resolved"/> are sent, too. Default: no, only those of <see cref="AlertKind.Raised"/>.
    /// </summary>
    bool WantsResolved => false;

    /// <summary>Sends an alert. A failure is logged and shown with the report; it never stops monitoring.</summary>
    /// <param name="alert">The alert.</param>
    /// <param name="cancellationToken">Cancels the sending.</param>
    ValueTask SendAsync(Alert alert, CancellationToken cancellationToken = default);
}
