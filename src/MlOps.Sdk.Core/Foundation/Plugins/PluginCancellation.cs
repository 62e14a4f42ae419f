using Microsoft.Extensions.Logging;
using MlOps.Sdk.Diagnostics;

namespace MlOps.Sdk.Plugins;

/// <summary>
/// A token for plug-ins, cancelled with any of several others. What a plug-in throws when it is told is logged and goes no further: who
/// cancels, perhaps a timer or a host that stops, must not fail for it. Thread-safe.
/// </summary>
internal sealed class PluginCancellation : IDisposable
{
    private readonly CancellationTokenSource _source = new();
    private readonly CancellationTokenRegistration[] _links;
    private readonly ILogger _logger;

    /// <param name="logger">Where it is told that a plug-in threw.</param>
    /// <param name="tokens">What cancels it.</param>
    public PluginCancellation(ILogger logger, params ReadOnlySpan<CancellationToken> tokens)
    {
        _logger = logger;
        Token = _source.Token;
        _links = new CancellationTokenRegistration[tokens.Length];
        for (var i = 0; i < tokens.Length; i++)
        {
            _links[i] = tokens[i].UnsafeRegister(static state => ((PluginCancellation)state!).Cancel(), this);
        }
    }

    public CancellationToken Token { get; }

    public void Dispose()
    {
        foreach (var link in _links) link.Dispose();
        _source.Dispose();
    }

    private void Cancel()
    {
        try
        {
            _source.Cancel();
        }
        catch (AggregateException e)
        {
            PluginLog.CancellationFailed(_logger, Secrets.Blank(e));
        }
    }
}
