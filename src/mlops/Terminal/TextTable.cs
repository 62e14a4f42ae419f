using System.Text;
using MlOps.Sdk.Data;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace MlOps.Sdk.Tool;

/// <summary>
/// A table of texts. For people it has lines, and long texts wrap, but not in the first column, which names the row. For files and other
/// programs, and for terminals that are too narrow, it has one line for each row and columns that are two blanks apart, and nothing is cut.
/// </summary>
internal sealed class TextTable
{
    // Longer texts wrap.
    private const int LongestWord = 20;

    // A line and a blank at each side.
    private const int CellFrame = 3;

    private readonly string[] _headers;
    private readonly bool[] _areNumbers;
    private readonly List<(string[] Cells, bool IsBad)> _rows = [];

    /// <param name="headers">The columns; a # at the end marks one with numbers.</param>
    public TextTable(params IReadOnlyList<string> headers)
    {
        _areNumbers = [.. headers.Select(header => header.EndsWith('#'))];
        _headers = [.. headers.Select(header => PrintableText.Clean(header.EndsWith('#') ? header[..^1] : header))];
    }

    public int Rows => _rows.Count;

    /// <summary>Adds a row, with a cell for each column.</summary>
    public void Add(params IReadOnlyList<string?> cells) => Add(isBad: false, cells);

    /// <summary>Adds a row; a bad one is coloured.</summary>
    public void Add(bool isBad, params IReadOnlyList<string?> cells) =>
        _rows.Add(([.. cells.Select(cell => PrintableText.Clean(cell ?? ""))], isBad));

    public void Write(IAnsiConsole console, Screen screen)
    {
        // A frame that is wider than the terminal is torn, and what must stay whole would be cut.
        if (screen.IsTerminal && Enumerable.Range(0, _headers.Length).Sum(LeastWidth) + 1 <= console.Profile.Width) console.Write(Framed());
        else WriteLines(screen.Writer);
    }

    private bool Wraps(int column) => column > 0 && !_areNumbers[column] && Widest(column) > LongestWord;

    private int LeastWidth(int column) => (Wraps(column) ? LongestWord : Widest(column)) + CellFrame;

    private int Widest(int column) => _rows.Select(row => row.Cells[column].Length).Append(_headers[column].Length).Max();

    private Table Framed()
    {
        var table = new Table().Border(TableBorder.Rounded).BorderColor(Color.Grey);
        for (var i = 0; i < _headers.Length; i++)
        {
            var column = new TableColumn(new Text(_headers[i]));
            if (_areNumbers[i]) column.RightAligned();
            if (!Wraps(i)) column.NoWrap();
            table.AddColumn(column);
        }
        foreach (var (cells, isBad) in _rows)
        {
            table.AddRow(cells.Select(cell => (IRenderable)new Text(cell, isBad ? new Style(Color.Red) : Style.Plain)));
        }

        return table;
    }

    private void WriteLines(TextWriter writer)
    {
        int[] widths = [.. Enumerable.Range(0, _headers.Length).Select(Widest)];
        var line = new StringBuilder();
        foreach (var cells in _rows.Select(row => row.Cells).Prepend(_headers))
        {
            line.Clear();
            for (var i = 0; i < cells.Length; i++)
            {
                if (i > 0) line.Append("  ");
                line.Append(_areNumbers[i] ? cells[i].PadLeft(widths[i]) : cells[i].PadRight(widths[i]));
            }
            writer.WriteLine(line.ToString().TrimEnd());
        }
    }
}
