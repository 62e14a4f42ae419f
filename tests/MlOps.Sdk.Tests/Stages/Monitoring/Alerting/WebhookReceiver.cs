using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace MlOps.Sdk.Tests.Monitoring;

/// <summary>A web server on this machine that takes what is posted to it, one request per connection.</summary>
internal sealed class WebhookReceiver : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly ConcurrentQueue<ReceivedRequest> _requests = new();
    private readonly CancellationTokenSource _end = new();
    private readonly Func<int, NetworkStream, CancellationToken, Task> _answer;
    private readonly ConcurrentBag<Task> _connections = [];
    private readonly Task _serving;
    private int _count;

    /// <param name="answer">Answers a request, by its number from 1.</param>
    public WebhookReceiver(Func<int, NetworkStream, CancellationToken, Task> answer)
    {
        _answer = answer;
        _listener.Start();
        _serving = ServeAsync();
    }

    /// <param name="answer">The head of the answer to a request, by its number from 1: the status with further headers.</param>
    /// <param name="body">The body of every answer.</param>
    public WebhookReceiver(Func<int, string> answer, string body = "")
        : this((number, stream, token) => WriteAsync(stream, answer(number), body, token))
    {
    }

    public IReadOnlyList<ReceivedRequest> Requests => [.. _requests];

    public string Url => $"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/services/T000/B000/path-secret";

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener.Stop();
        await _serving;
        await Task.WhenAll(_connections);
        _listener.Dispose();
        _end.Dispose();
    }

    private static async Task WriteAsync(NetworkStream stream, string head, string body, CancellationToken cancellationToken)
    {
        var length = Encoding.UTF8.GetByteCount(body).ToString(CultureInfo.InvariantCulture);
        await stream.WriteAsync(
            Encoding.UTF8.GetBytes($"HTTP/1.1 {head}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"), cancellationToken);
    }

    private async Task ServeAsync()
    {
        while (true)
        {
            try
            {
                _connections.Add(AnswerAsync(await _listener.AcceptTcpClientAsync(_end.Token)));
            }
            catch (Exception e) when (e is SocketException or OperationCanceledException or InvalidOperationException)
            {
                return;
            }
        }
    }

    private async Task AnswerAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                var stream = client.GetStream();
                _requests.Enqueue(await ReceivedRequest.ReadAsync(stream, _end.Token));
                await _answer(Interlocked.Increment(ref _count), stream, _end.Token);
            }
            catch (Exception e) when (e is IOException or OperationCanceledException)
            {
                // The client has gone away, or the test is over.
            }
        }
    }
}
