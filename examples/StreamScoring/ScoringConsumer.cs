using System.Text.Json;
using MlOps.Sdk;
using MlOps.Sdk.Deployment;
using NATS.Client.Core;
using NATS.Client.JetStream;

namespace StreamScoring;

/// <summary>
/// Scores what comes in. A message is acknowledged when its answer is published and its prediction is stored: if the process is killed
/// before, the message comes again. It is then scored again, and counted once: the id of its prediction is made from its own.
/// </summary>
internal sealed class ScoringConsumer(Broker broker, Workspace workspace)
{
    public const int BatchSize = 500;

    // A server that is gone for longer ends the program.
    private const int MaxFailures = 24;
    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(5);

    private readonly Endpoint<Customer, double> _endpoint = workspace.Endpoint<Customer, double>(ChurnLifecycle.Name);

    /// <summary>How many messages were answered, and how many were rejected.</summary>
    public (int Answered, int Rejected) Counts { get; private set; }

    /// <summary>Scores until nothing comes in any more.</summary>
    /// <param name="wait">After how long what is not acknowledged comes again.</param>
    /// <param name="patience">How long nothing may come in.</param>
    /// <param name="log">Where it is told what was done.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task ScoreAsync(TimeSpan wait, TimeSpan patience, TextWriter log, CancellationToken cancellationToken)
    {
        var options = new NatsJSFetchOpts { MaxMsgs = BatchSize, Expires = patience };
        INatsJSConsumer? consumer = null;
        for (var failures = 0; ;)
        {
            try
            {
                consumer ??= await broker.ConsumerAsync(wait, cancellationToken);
                var batch = new List<INatsJSMsg<byte[]>>();
                await foreach (var message in consumer.FetchAsync<byte[]>(options, cancellationToken: cancellationToken))
                {
                    batch.Add(message);
                }
                if (batch.Count == 0 && !broker.IsConnected) throw new NatsException("The connection is lost.");
                failures = 0;
                if (batch.Count == 0) return;
                await AnswerAsync(batch, cancellationToken);
                await log.WriteLineAsync($"{Counts.Answered} answered, {Counts.Rejected} rejected");
            }
            catch (NatsException e) when (++failures <= MaxFailures)
            {
                // A server that starts again. The client connects by itself, and what was not acknowledged comes again.
                await log.WriteLineAsync($"The broker does not answer, and is asked again: {e.Message}");
                consumer = null;
                await Task.Delay(s_pause, cancellationToken);
            }
        }
    }

    private async Task AnswerAsync(List<INatsJSMsg<byte[]>> batch, CancellationToken cancellationToken)
    {
        var answered = new List<INatsJSMsg<byte[]>>();
        foreach (var message in batch)
        {
            CustomerChanged change;
            PredictionId id;
            Prediction<double> prediction;
            try
            {
                change = JsonSerializer.Deserialize(message.Data, Messages.Default.CustomerChanged)
                    ?? throw new JsonException("It is null.");
                id = PredictionId.FromKey(change.Id);
                prediction = _endpoint.Predict(change.Customer, id);
            }
            catch (Exception e) when (e is JsonException or ArgumentException or InputRejectedException)
            {
                // It would never be better: it is put aside with the reason, and does not come again.
                await RejectAsync(message, e.Message, cancellationToken);
                continue;
            }

            var score = JsonSerializer.SerializeToUtf8Bytes(
                new ChurnScore(change.Id, prediction.Version, prediction.Value), Messages.Default.ChurnScore);

            // The server drops an answer that it had within the window for duplicates of the stream, which Broker sets. A message that
            // comes again later is answered twice, with the same id.
            await broker.PublishAsync(Broker.Scores, score, id.ToString(), cancellationToken: cancellationToken);
            answered.Add(message);
        }

        await workspace.Monitor(ChurnLifecycle.Name).FlushAsync(cancellationToken);
        foreach (var message in answered) await message.AckAsync(cancellationToken: cancellationToken);
        Counts = (Counts.Answered + answered.Count, Counts.Rejected);
    }

    private async Task RejectAsync(INatsJSMsg<byte[]> message, string reason, CancellationToken cancellationToken)
    {
        var headers = new NatsHeaders { ["Reason"] = reason.ReplaceLineEndings(" ") };
        await broker.PublishAsync(Broker.Rejected, message.Data ?? [], headers: headers, cancellationToken: cancellationToken);
        await message.AckTerminateAsync(cancellationToken: cancellationToken);
        Counts = (Counts.Answered, Counts.Rejected + 1);
    }
}
