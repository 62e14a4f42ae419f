using System.Collections.Concurrent;
using MlOps.Sdk;

/// <summary>
/// Serves what another process promotes to 8 threads. For each line it is given, it writes the version that is
/// live, the calls until now, and the managed bytes that are left once predictions are stored and garbage is collected.
/// </summary>
internal static class ServedLoad
{
    public static async Task RunAsync(string folder)
    {
        await using var workspace = await Workspace.OpenAsync(folder);
        await workspace.ServeAsync("promoted");
        var endpoint = workspace.Endpoint<Row, double>("promoted");
        var scores = new ConcurrentDictionary<int, double>();
        var calls = new long[8];
        using var stop = new CancellationTokenSource();
        var threads = Enumerable.Range(0, calls.Length).Select(thread => Task.Factory.StartNew(
            () =>
            {
                var row = new Row(30, 40, "monthly", true);
                for (; !stop.IsCancellationRequested; calls[thread]++)
                {
                    var answer = endpoint.Predict(row);
                    if (scores.GetOrAdd(answer.Version, answer.Value) != answer.Value)
                    {
                        throw new InvalidOperationException($"Version {answer.Version} answered with the score of another one.");
                    }

                    // Some thousand calls a second: what they record can be stored meanwhile.
                    if (calls[thread] % 4 == 0) Thread.Sleep(1);
                }
            },
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default)).ToArray();
        var following = FollowAsync(workspace, stop.Token);
        Console.WriteLine("ready");
        while (await Console.In.ReadLineAsync() is not null && !threads.Any(thread => thread.IsCompleted))
        {
            await workspace.Monitor("promoted").FlushAsync();
            Console.WriteLine($"{endpoint.Version} {calls.Sum()} {GC.GetTotalMemory(forceFullCollection: true)}");
        }

        await stop.CancelAsync();
        await Task.WhenAll(threads);
        await following;
    }

    private static async Task FollowAsync(Workspace workspace, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            await workspace.ServeAsync("promoted", CancellationToken.None);
            await Task.Delay(50, CancellationToken.None);
        }
    }

    private sealed record Row(int Age, double? Spend, string Plan, bool Abroad);
}
