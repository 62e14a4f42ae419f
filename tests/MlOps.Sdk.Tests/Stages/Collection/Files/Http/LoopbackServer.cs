using System.Net;
using System.Net.Sockets;
using System.Text;

namespace MlOps.Sdk.Tests.Collection;

/// <summary>A web server for one answer per connection, which it can also break off.</summary>
internal sealed class LoopbackServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Func<string, byte[]> _answer;
    private readonly Task _serving;

    /// <param name="answer">Gives the whole answer to a request, its head included.</param>
    public LoopbackServer(Func<string, byte[]> answer)
    {
        _answer = answer;
        _listener.Start();
        _serving = ServeAsync();
    }

    public string Address => $"127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}";

    public static byte[] Ok(byte[] body, int? length = null) =>
    [
        .. Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nContent-Length: {length ?? body.Length}\r\nConnection: close\r\n\r\n"),
        .. body
    ];

    public static byte[] Status(int status) =>
        Encoding.ASCII.GetBytes($"HTTP/1.1 {status} X\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");

    public async ValueTask DisposeAsync()
    {
        _listener.Stop();
        await _serving;
        _listener.Dispose();
    }

    private async Task ServeAsync()
    {
        while (true)
        {
            try
            {
                using var client = await _listener.AcceptTcpClientAsync();
                await using var stream = client.GetStream();
                var head = new StringBuilder();
                var buffer = new byte[1024];
                while (!head.ToString().Contains("\r\n\r\n", StringComparison.Ordinal)
                    && await stream.ReadAsync(buffer) is > 0 and var read)
                {
                    head.Append(Encoding.ASCII.GetString(buffer, 0, read));
                }
                await stream.WriteAsync(_answer(head.ToString()));
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException or InvalidOperationException)
            {
                return;
            }
            catch (IOException)
            {
                // The client has gone away, as one does that finds the answer too large.
            }
        }
    }
}
