using MlOps.Sdk;
using MlOps.Sdk.Collection;

/// <summary>Runs a lifecycle that must not run twice at once, in turn with other processes.</summary>
internal static class RunsInTurn
{
    public static async Task RunAsync(string workspaceFolder, string guard, int count)
    {
        await using var workspace = await Workspace.OpenAsync(workspaceFolder);
        Console.WriteLine("ready");
        Console.ReadLine();
        for (var i = 0; i < count; i++)
        {
            await LifecycleBuilder.Create("guarded")
                .CollectData(data => data.From(new Guarded(guard)))
                .Build().RunAsync(workspace, new RunOptions { Concurrency = RunConcurrency.Wait, Reuse = false });
        }
        Console.WriteLine("done");
    }

    /// <summary>Rows that only one can read at a time: another one fails.</summary>
    private sealed class Guarded(string path) : IDataSource
    {
        public string Name => "guarded";

        public async ValueTask<IDataScan> OpenAsync(ReadRequest request, CancellationToken cancellationToken = default)
        {
            await using var held = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            await Task.Delay(TimeSpan.FromMilliseconds(20), cancellationToken);
            return await DataSources.Objects([new Row(1), new Row(2)]).OpenAsync(request, cancellationToken);
        }
    }

    private sealed record Row(int Value);
}
