using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using MlOps.Sdk;
using MlOps.Sdk.Audit;
using MlOps.Sdk.Metrics;
using MlOps.Sdk.Registry;
using MlOps.Sdk.Storage;
using MlOps.Sdk.Tests.Plugins;
using MlOps.Sdk.Tracking;

// A process that tests start, and kill: what must hold between processes cannot be shown in one.
if (args[0] == "run-until-training")
{
    await WaitingTrainer.RunAsync(args[1], args[2]);
    return 0;
}

if (args[0] == "work-until-killed")
{
    await RandomWork.RunAsync(args[1], args[2], int.Parse(args[3], CultureInfo.InvariantCulture));
    return 0;
}

if (args[0] == "work-by-order")
{
    await WorkByOrder.RunAsync(args[1]);
    return 0;
}

if (args[0] == "back-up")
{
    // Backs a workspace up again and again, and writes a line at each step.
    await using var workspace = await Workspace.OpenAsync(args[1]);
    for (var i = 0; ; i++) await workspace.BackupAsync($"{args[2]}-{i}", new BackupSteps());
}

if (args[0] == "import-archive")
{
    // Takes up an archive, and writes a line at each step.
    await using var workspace = await Workspace.OpenAsync(args[1]);
    await workspace.ImportArchiveAsync(args[2], progress: new BackupSteps());
    return 0;
}

if (args[0] == "search")
{
    await StoppingTrainer.RunAsync(args[1], args[2], int.Parse(args[3], CultureInfo.InvariantCulture), args[4]);
    return 0;
}

if (args[0] == "run-in-turn")
{
    await RunsInTurn.RunAsync(args[1], args[2], int.Parse(args[3], CultureInfo.InvariantCulture));
    return 0;
}

if (args[0] == "promote-in-turn")
{
    await AlternatingPromotions.RunAsync(args[1], args[2]);
    return 0;
}

if (args[0] == "await-approval")
{
    await ApprovedLifecycle.RunAsync(args[1], args[2]);
    return 0;
}

if (args[0] == "approve")
{
    await ApprovedLifecycle.ApproveAsync(args[1], long.Parse(args[2], CultureInfo.InvariantCulture), args[3]);
    return 0;
}

if (args[0] == "release-into-folder")
{
    await FolderReleases.RunAsync(args[1], args[2], args[3], long.Parse(args[4], CultureInfo.InvariantCulture));
    return 0;
}

if (args[0] == "serve-load")
{
    await ServedLoad.RunAsync(args[1]);
    return 0;
}

if (args[0] == "predict")
{
    // Serves what another process trained with plug-ins; exit code 3 when it is refused.
    try
    {
        await using var workspace = await Workspace.OpenAsync(args[1], options =>
        {
            if (!args.Contains("--without-readers")) PluginLifecycle.AddReaders(options.Readers);
        });
        await workspace.ServeAsync(args[2]);
        foreach (var line in PluginLifecycle.Predict(workspace, args[2])) Console.WriteLine(line);
        return 0;
    }
    catch (MlOpsException e)
    {
        Console.Error.WriteLine(e.Message);
        return 3;
    }
}

if (args[0] == "answer")
{
    // Scores the rows of a CSV file with what another process trained, and says which assemblies of Microsoft.ML that took.
    await using var workspace = await Workspace.OpenAsync(args[1]);
    await workspace.ServeAsync(args[2]);
    var endpoint = workspace.Endpoint(args[2]);
    var rows = await DataSources.Csv(args[3]).ReadAllAsync();
    for (var row = 0; row < rows.RowCount; row++)
    {
        var values = rows.Schema.ToDictionary(field => field.Name, field => rows[field.Name].GetText(row) is null ? null : field.Type switch
        {
            ColumnType.Text => (object?)rows[field.Name].GetText(row),
            _ => rows[field.Name].GetNumber(row),
        });
        Console.WriteLine(endpoint.Predict(values).Value.Score.ToString("R", CultureInfo.InvariantCulture));
    }

    foreach (var assembly in AppDomain.CurrentDomain.GetAssemblies().Select(assembly => assembly.GetName().Name!))
    {
        if (assembly.StartsWith("Microsoft.ML", StringComparison.Ordinal)) Console.WriteLine(assembly);
    }

    return 0;
}

await using var store = await RelationalStore.OpenAsync(args[1], TimeProvider.System, NullLogger.Instance);
switch (args[0])
{
    case "write-forever":
        // One line for every acknowledged write.
        var endless = new AuditLog(store);
        while (true) Console.WriteLine((await endless.AppendAsync("host", "test.write", "test:" + args[2], "{}")).Sequence);

    case "write-many":
        var log = new AuditLog(store);
        var count = int.Parse(args[4], CultureInfo.InvariantCulture);
        Console.WriteLine("ready");
        Console.ReadLine();
        var longest = await Task.WhenAll(
            Enumerable.Range(0, int.Parse(args[3], CultureInfo.InvariantCulture)).Select(writer => Task.Run(async () =>
            {
                var slowest = TimeSpan.Zero;
                for (var i = 0; i < count; i++)
                {
                    var started = Stopwatch.GetTimestamp();
                    await log.AppendAsync($"writer {writer}", "test.write", "test:" + args[2], "{}");
                    var elapsed = Stopwatch.GetElapsedTime(started);
                    if (elapsed > slowest) slowest = elapsed;
                }

                return slowest;
            })));
        Console.WriteLine(longest.Max().TotalSeconds.ToString(CultureInfo.InvariantCulture));
        break;

    case "contend":
        await ContendedRegistry.RunAsync(
            store, args[2], int.Parse(args[3], CultureInfo.InvariantCulture), double.Parse(args[4], CultureInfo.InvariantCulture));
        break;

    case "start-run":
        await using (var tracker = await RunTracker.StartAsync(
            store, NullLogger.Instance, new RunStart("crash", [LifecycleStage.Collection, LifecycleStage.Training], 1)))
        {
            await tracker.StageStartedAsync(LifecycleStage.Collection, "f1", "first run");
            await tracker.StageEndedAsync(LifecycleStage.Collection, StageState.Succeeded);
            await tracker.StageStartedAsync(LifecycleStage.Training, "f2", "first run");
            tracker.LogMetric("loss", 0.5, 1);
            await tracker.FlushAsync();
            Console.WriteLine(tracker.RunId);
            Console.ReadLine();
            await tracker.CompleteAsync(RunState.Succeeded);
        }

        break;

    case "register":
        var registry = new ModelRegistry(store);
        Console.WriteLine("ready");
        Console.ReadLine();
        for (var i = 0; i < int.Parse(args[3], CultureInfo.InvariantCulture); i++)
        {
            var content = ArtifactId.Of(System.Text.Encoding.UTF8.GetBytes(args[2] + i.ToString(CultureInfo.InvariantCulture)));
            var version = await registry.RegisterAsync(
                new NewModelVersion("shared", content, content.Hex, null, new Dictionary<string, MetricValue>()),
                "host");
            Console.WriteLine(version.Version);
        }

        break;

    default:
        throw new ArgumentException("Unknown verb: " + args[0]);
}

return 0;
