using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace MlOps.Sdk.Parquet.Tests.Killed;

/// <summary>
/// Passes requests on to s3rver one at a time, and only those that have arrived whole: what S3 does, and s3rver does not, which keeps what
/// it has of a request that breaks off and shows an object while it writes it.
/// </summary>
internal sealed class WholeRequests : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly SemaphoreSlim _one = new(1);
    private readonly Uri _server;
    private readonly Task _accepting;

    public WholeRequests(string server)
    {
        _server = new Uri(server);
        _listener.Start();
        Address = $"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}";
        _accepting = AcceptAsync();
    }

    public string Address { get; }

    /// <summary>How many requests broke off.</summary>
    public int Broken { get; private set; }

    public async ValueTask DisposeAsync()
    {
        _listener.Stop();
        await _accepting;
        _one.Dispose();
    }

    private async Task AcceptAsync()
    {
        var open = new List<Task>();
        try
        {
            while (true) open.Add(PassOnAsync(await _listener.AcceptTcpClientAsync()));
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            await Task.WhenAll(open);
        }
    }

    private async Task PassOnAsync(TcpClient client)
    {
        using (client)
        {
            var stream = client.GetStream();
            try
            {
                if (await ReadAsync(stream) is not { } request) return;
                await _one.WaitAsync();
                try
                {
                    using var answer = new MemoryStream();
                    using var server = new TcpClient();
                    await server.ConnectAsync(_server.Host, _server.Port);
                    await server.GetStream().WriteAsync(request);
                    await server.GetStream().CopyToAsync(answer);
                    answer.Position = 0;
                    await answer.CopyToAsync(stream);
                }
                finally
                {
                    _one.Release();
                }
            }
            catch (IOException)
            {
                // The process was killed.
                Broken++;
            }
        }
    }

    // A connection is for one request: the end of the answer is the end of the connection.
    private static async Task<byte[]?> ReadAsync(NetworkStream stream)
    {
        var (head, one) = (new List<byte>(), new byte[1]);
        while (!(head.Count > 3 && head[^4] == '\r' && head[^3] == '\n' && head[^2] == '\r' && head[^1] == '\n'))
        {
            if (await stream.ReadAsync(one) == 0) return head.Count == 0 ? null : throw new EndOfStreamException();
            head.Add(one[0]);
        }

        var lines = Encoding.Latin1.GetString([.. head]).Split("\r\n", StringSplitOptions.RemoveEmptyEntries).ToList();
        if (lines.RemoveAll(line => line.StartsWith("Expect:", StringComparison.OrdinalIgnoreCase)) > 0)
        {
            await stream.WriteAsync("HTTP/1.1 100 Continue\r\n\r\n"u8.ToArray());
        }
        const string Length = "Content-Length:";
        var length = lines.Find(line => line.StartsWith(Length, StringComparison.OrdinalIgnoreCase));
        var body = new byte[length is null ? 0 : int.Parse(length[Length.Length..], CultureInfo.InvariantCulture)];
        await stream.ReadExactlyAsync(body);
        return [.. Encoding.Latin1.GetBytes($"{string.Join("\r\n", lines)}\r\nConnection: close\r\n\r\n"), .. body];
    }
}
