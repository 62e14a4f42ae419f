using MlOps.Sdk.Data;
using MlOps.Sdk.Reporting;
using Spectre.Console;

namespace MlOps.Sdk.Tool;

/// <summary>A bar that fills with the bytes that were copied, or with the things where bytes are not counted.</summary>
internal sealed class TransferBar : IProgress<TransferProgress>
{
    private readonly ProgressTask _task;
    private readonly string _title;

    public TransferBar(ProgressContext context, string title)
    {
        _title = Markup.Escape(PrintableText.Clean(title));
        _task = context.AddTask(_title).IsIndeterminate();
    }

    public void Report(TransferProgress value)
    {
        var hasBytes = value.TotalBytes > 0;
        var (done, total) = hasBytes ? (value.Bytes, value.TotalBytes) : (value.Items, value.TotalItems);
        if (total > 0)
        {
            _task.IsIndeterminate(false);

            // More may come than was known before.
            _task.MaxValue = Math.Max(total, done);
            _task.Value = done;
        }
        _task.Description = hasBytes
            ? $"{_title}, {Shown.Size(done)} of {Shown.Size(total)}"
            : $"{_title}, {Prose.Count(done)} of {Prose.Count(total)}";
    }
}
