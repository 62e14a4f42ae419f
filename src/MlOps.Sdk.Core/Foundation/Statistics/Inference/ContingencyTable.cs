namespace MlOps.Sdk.Statistics;

/// <summary>A table of counts without empty rows and columns, with its margins.</summary>
internal sealed class ContingencyTable
{
    private readonly double[,] _counts;
    private readonly double[] _rows;
    private readonly double[] _columns;
    private readonly bool _leftOut;

    private ContingencyTable(double[,] counts, bool leftOut)
    {
        _counts = counts;
        _leftOut = leftOut;
        _rows = new double[counts.GetLength(0)];
        _columns = new double[counts.GetLength(1)];
        for (var i = 0; i < _rows.Length; i++)
        {
            for (var j = 0; j < _columns.Length; j++)
            {
                _rows[i] += counts[i, j];
                _columns[j] += counts[i, j];
                Total += counts[i, j];
            }
        }
    }

    private double Total { get; }

    private bool IsSingle => Math.Min(_rows.Length, _columns.Length) == 1;

    public static ContingencyTable From(long[,] table)
    {
        ArgumentNullException.ThrowIfNull(table);
        var rows = new SortedSet<int>();
        var columns = new SortedSet<int>();
        for (var i = 0; i < table.GetLength(0); i++)
        {
            for (var j = 0; j < table.GetLength(1); j++)
            {
                if (table[i, j] < 0) throw new ArgumentException("A count is negative.", nameof(table));
                if (table[i, j] == 0) continue;
                rows.Add(i);
                columns.Add(j);
            }
        }

        if (rows.Count == 0) throw new ArgumentException("The table has no counts.", nameof(table));
        var counts = new double[rows.Count, columns.Count];
        foreach (var (i, row) in rows.Index())
        {
            foreach (var (j, column) in columns.Index()) counts[i, j] = table[row, column];
        }

        return new ContingencyTable(counts, rows.Count < table.GetLength(0) || columns.Count < table.GetLength(1));
    }

    public TestResult Test(string name, bool yates, bool likelihood)
    {
        var degrees = (_rows.Length - 1) * (_columns.Length - 1);
        var note = degrees == 0 ? "Only one row or column has counts." : _leftOut ? "Rows or columns without counts were left out." : null;
        if (degrees == 0) return new TestResult(name, 0, 1, 0, "Cramér's V", (long)_rows[0], (long)(Total - _rows[0]), note);
        var statistic = Statistic(yates && degrees == 1, likelihood);
        var (n1, n2) = _rows.Length == 2 ? ((long)_rows[0], (long)_rows[1]) : ((long)Total, 0);
        return new TestResult(name, statistic, Distribution.ChiSquareTail(statistic, degrees), CramersV(), "Cramér's V", n1, n2, note);
    }

    /// <summary>√(χ²/n / (min(rows, columns) − 1)), χ² without correction; NaN when there is a single row or column.</summary>
    public double CramersV() => IsSingle
        ? double.NaN
        : Math.Min(1, Math.Sqrt(Statistic(yates: false, likelihood: false) / Total / (Math.Min(_rows.Length, _columns.Length) - 1)));

    /// <summary>Bergsma (2013), "A bias-correction for Cramér's V and Tschuprow's T".</summary>
    public double CramersVCorrected()
    {
        if (IsSingle) return double.NaN;
        var rest = Total - 1;
        double rows = _rows.Length - 1, columns = _columns.Length - 1;
        var square = Math.Max(0, Statistic(yates: false, likelihood: false) / Total - rows * columns / rest);
        var most = Math.Min(rows - rows * rows / rest, columns - columns * columns / rest);
        return most > 0 ? Math.Min(1, Math.Sqrt(square / most)) : double.NaN;
    }

    private double Statistic(bool yates, bool likelihood)
    {
        var sum = 0.0;
        for (var i = 0; i < _rows.Length; i++)
        {
            for (var j = 0; j < _columns.Length; j++)
            {
                var expected = _rows[i] / Total * _columns[j];
                var observed = _counts[i, j];
                var gap = expected - observed;
                if (yates) observed += Math.Sign(gap) * Math.Min(0.5, Math.Abs(gap));
                if (!likelihood) sum += (observed - expected) * (observed - expected) / expected;
                else if (observed > 0) sum += 2 * observed * Math.Log(observed / expected);
            }
        }

        return sum;
    }
}
