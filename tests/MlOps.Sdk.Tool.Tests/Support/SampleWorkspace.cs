using MlOps.Sdk.Collection;
using MlOps.Sdk.Testing;
using MlOps.Sdk.Tracking;
using NUnit.Framework;

namespace MlOps.Sdk.Tool.Tests;

/// <summary>A workspace with a model of two versions, and with experiments, made once. Tests that change it take a copy.</summary>
[SetUpFixture]
public sealed class SampleWorkspace
{
    public const string Model = "churn";

    /// <summary>What a terminal would obey, what Spectre.Console would, and what would look like another row.</summary>
    public const string Hostile = "[red]x[/] \u001b]0;title\u0007\u001b[2J \u202etxt\nrow";

    private static TempFolder s_folder = null!;

    /// <summary>The workspace.</summary>
    public static string Path => s_folder["workspace"];

    /// <summary>The runs of the experiment, the oldest first.</summary>
    public static string[] Experiments { get; private set; } = [];

    /// <summary>The runs that made the versions of the model, in their order.</summary>
    public static string[] Lifecycles { get; private set; } = [];

    /// <summary>Sample rows without their label, as CSV.</summary>
    public static string Rows => s_folder["rows.csv"];

    /// <summary>Other rows of the same distribution.</summary>
    public static string Alike => s_folder["alike.csv"];

    /// <summary>Rows of another distribution.</summary>
    public static string Shifted => s_folder["shifted.csv"];

    /// <summary>A copy of the workspace, to be changed.</summary>
    internal static string Copy(TempFolder folder)
    {
        foreach (var file in Directory.EnumerateFiles(Path, "*", SearchOption.AllDirectories))
        {
            var copy = System.IO.Path.Combine(folder["workspace"], System.IO.Path.GetRelativePath(Path, file));
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }

        return folder["workspace"];
    }

    [OneTimeSetUp]
    public static async Task Make()
    {
        s_folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(Path, options => options.Actor = "ann");
        var (first, second) = await BlessedModels.CreateTwoAsync(workspace, Model);
        Lifecycles = [first.Version.RunId!, second.Version.RunId!];
        Experiments =
        [
            await LogAsync(workspace, 31, 0.81, "retention"),
            await LogAsync(workspace, 63, 0.84, "retention"),
            await LogAsync(workspace, 31, double.NaN, Hostile),
        ];
        foreach (var (file, seed, shift) in new[] { (Rows, 1, 0.0), (Alike, 2, 0.0), (Shifted, 3, 2.0) })
        {
            await SampleRows.Create(600, seed, shift).WriteToAsync(DataSinks.Csv(file));

            // The label is the last column.
            var lines = await File.ReadAllLinesAsync(file);
            await File.WriteAllLinesAsync(file, lines.Select(line => line[..line.LastIndexOf(',')]));
        }
    }

    [OneTimeTearDown]
    public static void Remove() => s_folder.Dispose();

    private static async Task<string> LogAsync(Workspace workspace, int leaves, double auc, string team)
    {
        await using var run = await workspace.StartRunAsync(
            "notebook", new TrackedRunOptions { Tags = new Dictionary<string, string> { ["team"] = team } });
        await run.LogParameterAsync("leaves", leaves);
        for (var step = 0; step < 3; step++) run.LogMetric("loss", 1.0 / (step + 1), step);
        run.LogMetric("roc_auc", auc);
        await run.LogArtifactAsync("notes.txt", "Trained."u8.ToArray());
        await run.AddNoteAsync($"Note of {team}");
        await run.CompleteAsync();
        return run.Id;
    }
}
