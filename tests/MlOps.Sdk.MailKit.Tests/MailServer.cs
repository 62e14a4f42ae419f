using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using MimeKit;

namespace MlOps.Sdk.MailKit.Tests;

/// <summary>A mail server on this machine that keeps what it is sent. It does what RFC 5321 asks for, without encryption.</summary>
internal sealed class MailServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private readonly ConcurrentBag<Task> _connections = [];
    private readonly ConcurrentQueue<string> _commands = new();
    private readonly ConcurrentQueue<byte[]> _mails = new();
    private readonly Func<string, string?> _answer;
    private readonly Task _serving;

    /// <param name="answer">Answers a command in place of the server; <see langword="null"/> for what it would say itself.</param>
    public MailServer(Func<string, string?>? answer = null)
    {
        _answer = answer ?? (_ => null);
        _listener.Start();
        _serving = ServeAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>What was said to it, apart from messages.</summary>
    public IReadOnlyList<string> Commands => [.. _commands];

    /// <summary>The messages as they came.</summary>
    public IReadOnlyList<string> Raw => [.. _mails.Select(Encoding.UTF8.GetString)];

    public IReadOnlyList<MimeMessage> Mails => [.. _mails.Select(mail => MimeMessage.Load(new MemoryStream(mail)))];

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener.Stop();
        await _serving;
        await Task.WhenAll(_connections);
        _listener.Dispose();
        _end.Dispose();
    }

    private async Task ServeAsync()
    {
        while (true)
        {
            try
            {
                _connections.Add(TalkAsync(await _listener.AcceptTcpClientAsync(_end.Token)));
            }
            catch (Exception e) when (e is SocketException or OperationCanceledException or InvalidOperationException)
            {
                return;
            }
        }
    }

    private async Task TalkAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                var stream = client.GetStream();
                using var reader = new StreamReader(stream, Encoding.UTF8);
                await SayAsync(stream, "220 mail.example.org");
                while (await reader.ReadLineAsync(_end.Token) is { } command)
                {
                    _commands.Enqueue(command);
                    var answer = _answer(command);
                    if (answer == "")
                    {
                        await Task.Delay(Timeout.Infinite, _end.Token);
                    }
                    await SayAsync(stream, answer ?? Answer(command));
                    if (answer is null && command == "DATA") await TakeAsync(reader, stream);
                    if (command == "QUIT") return;
                }
            }
            catch (Exception e) when (e is IOException or OperationCanceledException)
            {
                // The client has gone away, or the test is over.
            }
        }
    }

    private static string Answer(string command) => command.Split(' ')[0].ToUpperInvariant() switch
    {
        "EHLO" => "250-mail.example.org\r\n250-8BITMIME\r\n250 AUTH PLAIN LOGIN",
        "AUTH" => "235 welcome",
        "DATA" => "354 go on",
        "QUIT" => "221 bye",
        _ => "250 ok",
    };

    private async Task TakeAsync(StreamReader reader, NetworkStream stream)
    {
        var mail = new StringBuilder();
        while (await reader.ReadLineAsync(_end.Token) is { } line && line != ".")
        {
            mail.Append(line.StartsWith('.') ? line[1..] : line).Append("\r\n");
        }
        _mails.Enqueue(Encoding.UTF8.GetBytes(mail.ToString()));
        await SayAsync(stream, "250 queued");
    }

    private async Task SayAsync(NetworkStream stream, string line) =>
        await stream.WriteAsync(Encoding.UTF8.GetBytes(line + "\r\n"), _end.Token);
}
