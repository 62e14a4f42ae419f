using System.Globalization;
using System.Text;

namespace MlOps.Sdk.MLNet.Tests;

/// <summary>A table of the tests as text, column by column.</summary>
internal sealed class TableFile
{
    private readonly string[] _names;
    private readonly string[][] _rows;

    private TableFile(string[] names, string[][] rows)
    {
        _names = names;
        _rows = rows;
    }

    public IReadOnlyList<string> Names => _names;

    public int RowCount => _rows.Length;

    public static TableFile Read(string name, int rows)
    {
        var lines = File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Tables", name)).Take(rows + 1).Select(Fields).ToArray();
        return new TableFile(lines[0], lines[1..]);
    }

    public string[] Texts(string name)
    {
        var column = Array.IndexOf(_names, name);
        return [.. _rows.Select(row => row[column])];
    }

    /// <summary>The numbers of a column, NaN for an empty field; <see langword="null"/> when some field is no number.</summary>
    public float[]? Numbers(string name)
    {
        var texts = Texts(name);
        var numbers = new float[texts.Length];
        for (var i = 0; i < texts.Length; i++)
        {
            if (texts[i].Length == 0) numbers[i] = float.NaN;
            else if (!float.TryParse(texts[i], NumberStyles.Float, CultureInfo.InvariantCulture, out numbers[i])) return null;
        }

        return numbers;
    }

    private static string[] Fields(string line)
    {
        var fields = new List<string>();
        var field = new StringBuilder();
        var isQuoted = false;
        foreach (var c in line)
        {
            if (c == '"')
            {
                isQuoted = !isQuoted;
            }
            else if (c == ',' && !isQuoted)
            {
                fields.Add(field.ToString());
                field.Clear();
            }
            else
            {
                field.Append(c);
            }
        }

        fields.Add(field.ToString());
        return [.. fields];
    }
}
