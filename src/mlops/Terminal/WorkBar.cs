using MlOps.Sdk.Data;
using MlOps.Sdk.Reporting;
using Spectre.Console;

namespace MlOps.Sdk.Tool;

/// <summary>A moving bar with the number of things that are done; how many there are is not known before the end.</summary>
internal sealed class WorkBar : IProgress<long>
{
    private readonly ProgressTask _task;
    private readonly string _title;
    private readonly string _unit;
    private readonly string _units;

    public WorkBar(ProgressContext context, string title, string unit, string units)
    {
        (_title, _unit, _units) = (Markup.Escape(PrintableText.Clean(title)), unit, units);
        _task = context.AddTask(_title).IsIndeterminate();
    }

    public void Report(long value) => _task.Description = $"{_title}, {Prose.Count(value)} {(value == 1 ? _unit : _units)}";
}
