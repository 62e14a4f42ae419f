using System.Net.Sockets;
using System.Text;

namespace MlOps.Sdk.AspNetCore.Tests;

/// <summary>A connection that says what no client would.</summary>
internal sealed class RawConnection : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    private readonly TcpClient _client = new();

    /// <param name="address">The server.</param>
    /// <param name="receives">How much the connection holds of what nobody has read; 0 for what the system sees fit.</param>
    public static async Task<RawConnection> OpenAsync(Uri address, int receives = 0)
    {
        var connection = new RawConnection();
        if (receives > 0) connection._client.ReceiveBufferSize = receives;
        await connection._client.ConnectAsync(address.Host, address.Port);
        connection._client.NoDelay = true;
        return connection;
    }

    public async Task SendAsync(string text) => await _client.GetStream().WriteAsync(Encoding.Latin1.GetBytes(text));

    /// <summary>Reads until something was said, or the other side has closed the connection.</summary>
    public async Task<string> ReadUntilAsync(string end)
    {
        using var patience = new CancellationTokenSource(s_patience);
        var text = new StringBuilder();
        var buffer = new byte[4096];
        while (!text.ToString().Contains(end, StringComparison.Ordinal))
        {
            var read = await _client.GetStream().ReadAsync(buffer, patience.Token);
            if (read == 0) break;
            text.Append(Encoding.UTF8.GetString(buffer, 0, read));
        }

        return text.ToString();
    }

    public void Dispose() => _client.Dispose();
}
