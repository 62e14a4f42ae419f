using MlOps.Sdk;
using Spectre.Console;

namespace CustomerChurn;

/// <summary>Shows the nine stages with live bars; prints a line per stage when the output is redirected.</summary>
internal static class RunDisplay
{
    public static Task<T> ShowAsync<T>(Func<IProgress<LifecycleProgress>, Task<T>> run) =>
        Console.IsOutputRedirected ? run(new Lines()) : AnsiConsole.Progress()
            .Columns(
                new TaskDescriptionColumn { Alignment = Justify.Left },
                new ProgressBarColumn(),
                new PercentageColumn(),
                new ElapsedTimeColumn())
            .StartAsync(context => run(new Bars(context)));

    private static string Describe(LifecycleProgress progress) => progress.Step switch
    {
        "reused" => $"reused: {progress.Message}",
        "done" => "done",
        "running" => $"running: {progress.Message}",
        _ => $"{progress.Step} {progress.Message}",
    };

    private sealed class Lines : IProgress<LifecycleProgress>
    {
        public void Report(LifecycleProgress value)
        {
            if (value.Step is "reused" or "done" or "running")
            {
                Console.WriteLine(FormattableString.Invariant(
                    $"{value.Elapsed.TotalSeconds,6:0.00} s  {(int)value.Stage} {value.Stage,-12} {Describe(value)}"));
            }
        }
    }

    private sealed class Bars(ProgressContext context) : IProgress<LifecycleProgress>
    {
        private readonly Dictionary<LifecycleStage, ProgressTask> _tasks = [];

        public void Report(LifecycleProgress value)
        {
            lock (_tasks)
            {
                if (!_tasks.TryGetValue(value.Stage, out var task)) _tasks.Add(value.Stage, task = context.AddTask(value.Stage.ToString()));
                task.Value = value.Fraction * 100;
                var text = $"{(int)value.Stage} {value.Stage,-12} {Describe(value)}";
                task.Description = Markup.Escape(text.Length > 70 ? text[..69] + "…" : text);
                if (value.Fraction >= 1) task.StopTask();
            }
        }
    }
}
