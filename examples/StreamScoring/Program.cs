using System.Globalization;
using MlOps.Sdk;
using NATS.Client.Core;
using NATS.Net;
using StreamScoring;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
using var stop = new CancellationTokenSource();
Console.CancelKeyPress += (_, pressed) =>
{
    pressed.Cancel = true;
    stop.Cancel();
};

// `StreamScoring` shows everything and ends. The others are its parts: a service that scores, and somebody who sends.
var url = Environment.GetEnvironmentVariable("NATS_URL") ?? "nats://127.0.0.1:4222";
var isService = args is ["score", _];
var count = args is ["publish", _, var text] && int.TryParse(text, out var number) && number > 0 ? number : 0;
if (args.Length > 0 && !isService && count == 0)
{
    Console.Error.WriteLine("Usage: StreamScoring [score <workspace> | publish <prefix of ids> <count>]");
    return 2;
}
var folder = isService ? args[1] : Path.Combine(Path.GetTempPath(), $"stream-scoring-{Guid.NewGuid():N}");
var table = Path.Combine(AppContext.BaseDirectory, "data", "telco-churn.csv");
try
{
    await using var broker = await Broker.ConnectAsync(url, stop.Token);
    var producer = new Producer(broker, table);
    if (count > 0)
    {
        Console.WriteLine($"{await producer.PublishAsync(args[1], count, priceRise: 0, stop.Token)} messages sent");
        return 0;
    }

    var lifecycle = ChurnLifecycle.Define(table, new NatsAlerts(broker.Client));
    await using var workspace = await Workspace.OpenAsync(folder, cancellationToken: stop.Token);
    if (await workspace.Models.FindByAliasAsync(ChurnLifecycle.Name, "champion", stop.Token) is null)
    {
        if (isService) Console.WriteLine($"No version of '{ChurnLifecycle.Name}' is live in {workspace.Path}: it is trained first.");
        Console.WriteLine((await lifecycle.RunAsync(workspace, cancellationToken: stop.Token)).Deployment!.Reason);
    }

    await workspace.ServeAsync(ChurnLifecycle.Name, stop.Token);
    var consumer = new ScoringConsumer(broker, workspace);
    if (isService)
    {
        await consumer.ScoreAsync(wait: TimeSpan.FromSeconds(5), patience: TimeSpan.FromSeconds(8), Console.Out, stop.Token);
        return 0;
    }

    var alerts = FollowAlertsAsync(broker);
    var prefix = Guid.NewGuid().ToString("N")[..8];
    foreach (var (priceRise, what) in new[] { (0.0, "customers as they were"), (0.6, "prices rise by 60 %") })
    {
        var sent = await producer.PublishAsync($"{prefix}-{priceRise}", 2_000, priceRise, stop.Token);
        var before = consumer.Counts;
        await consumer.ScoreAsync(wait: TimeSpan.FromSeconds(30), patience: TimeSpan.FromSeconds(1), TextWriter.Null, stop.Token);
        var report = await workspace.Monitor(ChurnLifecycle.Name).CheckAsync(stop.Token);
        Console.WriteLine(
            $"{what}: {sent:N0} messages, {consumer.Counts.Answered - before.Answered:N0} answered, " +
                $"{report!.Rows:N0} predictions counted, {report.Changes.Count()} of {report.Findings.Count} measurements changed");
    }

    Console.WriteLine($"From the subject {Broker.Alerts}: {await alerts.WaitAsync(TimeSpan.FromSeconds(30), stop.Token)}");
    return 0;
}
catch (OperationCanceledException) when (stop.IsCancellationRequested)
{
    return 130;
}
catch (NatsException e)
{
    Console.Error.WriteLine($"The broker at {url} cannot be used: {e.Message}");
    Console.Error.WriteLine("Start one with `nats-server -js`, or set NATS_URL to the address of yours.");
    return 1;
}
catch (MlOpsException e)
{
    // For example a workspace whose model of this name reads other columns.
    Console.Error.WriteLine(e.Message);
    return 1;
}
finally
{
    if (!isService && Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
}

async Task<string?> FollowAlertsAsync(Broker broker)
{
    await foreach (var message in broker.Client.SubscribeAsync<string>(Broker.Alerts, cancellationToken: stop.Token)) return message.Data;
    return null;
}
