using MlOps.Sdk.Data;
using MlOps.Sdk.Reporting;
using Spectre.Console;

namespace MlOps.Sdk.Tool;

/// <summary>A moving bar with the number of rows that are done; how many there are is not known before the end.</summary>
internal sealed class WorkBar : IProgress<long>
{
    private readonly ProgressTask _task;
    private readonly string _title;

    public WorkBar(ProgressContext context, string title)
    {
        _title = Markup.Escape(PrintableText.Clean(title));
        _task = context.AddTask(_title).IsIndeterminate();
    }

    public void Report(long value) => _task.Description = $"{_title}, {Prose.Count(value, "row")}";
}
