using Spectre.Console;
using Spectre.Console.Rendering;

namespace MlOps.Sdk.Tool;

/// <summary>
/// A line that is written as it is, however wide: the terminal wraps it, so that what is copied from there has no line breaks of its own.
/// </summary>
internal sealed class WholeLine(string text, Style style) : IRenderable
{
    public Measurement Measure(RenderOptions options, int maxWidth) => new(text.Length, text.Length);

    public IEnumerable<Segment> Render(RenderOptions options, int maxWidth) => [new Segment(text, style)];
}
