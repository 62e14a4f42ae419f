using NATS.Client.Core;
using NATS.Client.JetStream;
using NATS.Client.JetStream.Models;
using NATS.Net;

namespace StreamScoring;

/// <summary>The streams and subjects of the example.</summary>
internal sealed class Broker : IAsyncDisposable
{
    private const string Customers = "CUSTOMERS";

    // Longer than a process that scores may be away: its messages come again then. The server keeps the ids of that time in memory.
    private static readonly TimeSpan s_duplicates = TimeSpan.FromHours(6);

    private readonly NatsClient _client;

    private Broker(NatsClient client) => (_client, Streams) = (client, client.CreateJetStreamContext());

    public static string Changed => "customers.changed";

    public static string Rejected => "customers.rejected";

    public static string Scores => "scores.customer-churn";

    public static string Alerts => "alerts.customer-churn";

    public INatsClient Client => _client;

    /// <summary>Whether the server can be reached now. The client connects again by itself.</summary>
    public bool IsConnected => _client.Connection.ConnectionState == NatsConnectionState.Open;

    private INatsJSContext Streams { get; }

    /// <exception cref="NatsException">No server with JetStream answers.</exception>
    public static async Task<Broker> ConnectAsync(string url, CancellationToken cancellationToken)
    {
        var client = new NatsClient(new NatsOpts { Url = url, Name = "stream-scoring", ConnectTimeout = TimeSpan.FromSeconds(5) });
        try
        {
            await client.ConnectAsync();
            var broker = new Broker(client);

            await broker.Streams.CreateOrUpdateStreamAsync(new StreamConfig(Customers, ["customers.*"]), cancellationToken);
            await broker.Streams.CreateOrUpdateStreamAsync(
                new StreamConfig("SCORES", ["scores.*"]) { DuplicateWindow = s_duplicates }, cancellationToken);
            return broker;
        }
        catch
        {
            await client.DisposeAsync();
            throw;
        }
    }

    /// <summary>What has to be scored. A message that is not acknowledged within the wait comes again, also to another process.</summary>
    public ValueTask<INatsJSConsumer> ConsumerAsync(TimeSpan wait, CancellationToken cancellationToken) =>
        Streams.CreateOrUpdateConsumerAsync(
            Customers,
            new ConsumerConfig("scoring")
            {
                FilterSubject = Changed,
                AckPolicy = ConsumerConfigAckPolicy.Explicit,
                AckWait = wait,
                MaxAckPending = 2 * ScoringConsumer.BatchSize,
            },
            cancellationToken);

    /// <summary>Publishes to a stream, and waits until the server has stored it, or had stored a message of that id before.</summary>
    /// <exception cref="NatsException">The server did not store it.</exception>
    public async Task PublishAsync(
        string subject, byte[] message, string? id = null, NatsHeaders? headers = null, CancellationToken cancellationToken = default)
    {
        var stored = await Streams.PublishAsync(
            subject, message, opts: new NatsJSPubOpts { MsgId = id }, headers: headers, cancellationToken: cancellationToken);
        if (!stored.Duplicate) stored.EnsureSuccess();
    }

    public ValueTask DisposeAsync() => _client.DisposeAsync();
}
