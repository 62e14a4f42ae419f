using System.Globalization;
using System.Text;
using MlOps.Sdk;
using MlOps.Sdk.Tracking;

/// <summary>
/// Does in a workspace what each line of the input says, and answers it with a line: <c>done</c> and what came of it, or <c>refused</c> and
/// the error of the library. Any other exception ends the process.
/// </summary>
internal sealed class WorkByOrder(string folder)
{
    private Workspace? _workspace;
    private TrackedRun? _run;

    public static async Task RunAsync(string folder)
    {
        var work = new WorkByOrder(folder);
        Console.WriteLine("ready");
        while (Console.ReadLine() is { } order)
        {
            try
            {
                Console.WriteLine($"done {await work.DoAsync(order.Split(' '))}");
            }
            catch (MlOpsException e)
            {
                Console.WriteLine($"refused {e.Message.ReplaceLineEndings(" ")}");
            }
        }
    }

    private async Task<string> DoAsync(string[] order)
    {
        switch (order)
        {
            case ["open"]:
                _workspace = await Workspace.OpenAsync(folder);
                return _workspace.Id;
            case ["close"]:
                if (_run is not null) await _run.DisposeAsync();
                await _workspace!.DisposeAsync();
                return "";
            case ["start"]:
                _run = await _workspace!.StartRunAsync("told");
                return _run.Id;
            case ["parameter", var name]:
                await _run!.LogParameterAsync(name, name);
                return name;
            case ["artifact", var name]:
                await _run!.LogArtifactAsync(name, Encoding.UTF8.GetBytes(name));
                return name;
            case ["complete"]:
                await _run!.CompleteAsync();
                return _run.Id;
            case ["lifecycle", var csv, var name]:
                return (await RandomWork.LifecycleOf(csv, name).RunAsync(_workspace!)).Id;
            case ["resume", var csv, var name]:
                var last = (await _workspace!.Runs.LatestAsync(name))!;
                return (await RandomWork.LifecycleOf(csv, name).ResumeAsync(_workspace, last.Id)).State.ToString();
            case ["back-up", var path]:
                return (await _workspace!.BackupAsync(path)).Artifacts.ToString(CultureInfo.InvariantCulture);
            case ["export", var path]:
                await _workspace!.ExportArchiveAsync(path);
                return path;
            case ["serve", var model]:
                return (await _workspace!.ServeAsync(model)).ToString(CultureInfo.InvariantCulture);
            case ["read"]:
                // Some reads at once, so that connections are opened.
                var reads = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => _workspace!.Runs.DetailsAsync(_run!.Id)));
                foreach (var artifact in reads[0].Artifacts) await _workspace!.Artifacts.ReadAllAsync(artifact.Id);
                return string.Join(',', reads[0].Parameters.Keys.Concat(reads[0].Artifacts.Select(artifact => artifact.Name)).Order());
            default:
                throw new ArgumentException($"Unknown order: {string.Join(' ', order)}");
        }
    }
}
