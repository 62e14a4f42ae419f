using System.Buffers;
using System.Numerics.Tensors;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.Statistics;

/// <summary>
/// Means, covariances and correlations of the columns of a stream of rows, in memory that grows with the square of the columns and not with
/// the rows; two can be merged without loss (Chan, Golub and LeVeque 1979; for two variables Pébay 2008). Not thread-safe.
/// </summary>
/// <remarks>
/// A row with NaN in any column is left out as a whole and counted in <see cref="Skipped"/>, so that all covariances are of the same rows.
/// Deviations are from the first row, not from 0: a mean that is far larger than the spread costs no digits. Where deviations lie beyond
/// 10¹⁵⁰, covariances may be infinite or NaN.
/// </remarks>
public sealed class Covariances
{
    private const byte FormatVersion = 1;
    private const int MostColumns = 4_096;

    /// <summary>Below it sums of squares have lost digits, for they are the smallest of numbers.</summary>
    private const double SmallestPower = 1e-290;

    /// <summary>How far rounding may carry a sum beyond what is possible, as a share of it.</summary>
    private const double Slack = 1 + 1e-9;

    // The mean of a column is its value in the first row plus a rest. The first row is one of the values, so the rest is
    // never large beside the spread.
    private readonly double[] _origin;
    private readonly double[] _rest;
    private readonly double[] _deviation;

    // Sums of products of deviations from the means: the lower triangle, row after row, with the diagonal.
    private readonly double[] _products;

    /// <summary>Creates an empty sketch.</summary>
    /// <param name="columns">The number of columns n, 1 to 4,096; n(n + 1)/2 sums of 8 bytes are kept.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="columns"/> lies outside 1 to 4,096.</exception>
    public Covariances(int columns)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(columns, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(columns, MostColumns);
        Columns = columns;
        _origin = new double[columns];
        _rest = new double[columns];
        _deviation = new double[columns];
        _products = new double[columns * (columns + 1) / 2];
    }

    /// <summary>The number of columns.</summary>
    public int Columns { get; }

    /// <summary>The number of rows added, without those that were skipped.</summary>
    public long Count { get; private set; }

    /// <summary>The number of rows left out, for they have NaN in one column or more.</summary>
    public long Skipped { get; private set; }

    /// <summary>Adds a row, or counts it as skipped when it has NaN.</summary>
    /// <param name="row">One value per column, finite or NaN.</param>
    /// <exception cref="ArgumentException">The row does not have one value per column, or one is infinite; nothing was added.</exception>
    public void Add(ReadOnlySpan<double> row)
    {
        if (row.Length != Columns) throw new ArgumentException($"The row has {row.Length} values for {Columns} columns.", nameof(row));
        var missing = false;
        foreach (var value in row)
        {
            if (double.IsInfinity(value)) throw new ArgumentException("A value is infinite.", nameof(row));
            missing |= double.IsNaN(value);
        }

        if (missing)
        {
            Skipped++;
            return;
        }

        if (Count == 0) row.CopyTo(_origin);
        for (var i = 0; i < row.Length; i++) _deviation[i] = row[i] - _origin[i] - _rest[i];
        Move(1);
    }

    /// <summary>Adds all rows of another; the other is not changed.</summary>
    /// <param name="other">A sketch of as many columns.</param>
    /// <exception cref="ArgumentException">The numbers of columns differ.</exception>
    public void Merge(Covariances other)
    {
        if (other.Columns != Columns)
        {
            throw new ArgumentException($"Covariances of {Columns} and of {other.Columns} columns cannot be merged.", nameof(other));
        }
        Skipped += other.Skipped;
        if (other.Count == 0) return;
        if (Count == 0)
        {
            other._origin.CopyTo(_origin, 0);
            other._rest.CopyTo(_rest, 0);
            other._products.CopyTo(_products, 0);
            Count = other.Count;
            return;
        }

        for (var i = 0; i < Columns; i++) _deviation[i] = other._origin[i] - _origin[i] + (other._rest[i] - _rest[i]);
        TensorPrimitives.Add<double>(_products, other._products, _products);
        Move(other.Count);
    }

    /// <summary>The mean of a column; NaN when there is no row.</summary>
    /// <param name="column">The column, from 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such column.</exception>
    public double Mean(int column)
    {
        Require(column, nameof(column));
        return Count == 0 ? double.NaN : _origin[column] + _rest[column];
    }

    /// <summary>
    /// The covariance of two columns with divisor n − 1, of one column with itself its variance; NaN with fewer than two rows.
    /// </summary>
    /// <param name="first">A column, from 0.</param>
    /// <param name="second">Another, or the same.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such column.</exception>
    public double Covariance(int first, int second)
    {
        Require(first, nameof(first));
        Require(second, nameof(second));
        return Count < 2 ? double.NaN : _products[Place(first, second)] / (Count - 1);
    }

    /// <summary>
    /// Pearson's correlation of two columns, −1 to 1; NaN when one is constant, or when its deviations lie beyond 10¹⁵⁰ or below 10⁻¹⁴⁵.
    /// </summary>
    /// <param name="first">A column, from 0.</param>
    /// <param name="second">Another, or the same.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such column.</exception>
    public double Correlation(int first, int second)
    {
        Require(first, nameof(first));
        Require(second, nameof(second));
        double a = _products[Place(first, first)], b = _products[Place(second, second)];
        if (!(a > SmallestPower && b > SmallestPower && double.IsFinite(a) && double.IsFinite(b))) return double.NaN;
        return first == second ? 1 : Math.Clamp(_products[Place(first, second)] / (Math.Sqrt(a) * Math.Sqrt(b)), -1, 1);
    }

    /// <summary>Writes the state; the same bytes for the same state.</summary>
    /// <param name="to">Where to write.</param>
    public void Save(IBufferWriter<byte> to)
    {
        var writer = new BinaryOutput(to);
        writer.Byte(FormatVersion);
        writer.Int64(Count);
        writer.Int64(Skipped);
        writer.Doubles(_origin);
        writer.Doubles(_rest);
        writer.Doubles(_products);
    }

    /// <summary>Reads what <see cref="Save"/> wrote.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <exception cref="MlOpsException">The bytes are damaged or of another version.</exception>
    public static Covariances Read(ReadOnlySpan<byte> bytes)
    {
        var reader = new BinaryInput(bytes, "covariance sketch");
        reader.Version(FormatVersion);
        var (count, skipped, origin, rest, products) = (
            reader.Count(), reader.Count(), reader.Doubles(), reader.Doubles(), reader.Doubles());
        reader.End();
        if (origin.Length is 0 or > MostColumns
            || rest.Length != origin.Length
            || products.Length != origin.Length * (origin.Length + 1) / 2)
        {
            throw reader.Damaged("its numbers of columns do not fit");
        }
        var sketch = new Covariances(origin.Length) { Count = count, Skipped = skipped };
        origin.CopyTo(sketch._origin, 0);
        rest.CopyTo(sketch._rest, 0);
        products.CopyTo(sketch._products, 0);
        return sketch.IsPossible ? sketch : throw reader.Damaged("its numbers contradict each other");
    }

    // Sums may have overflowed to infinity, and then to NaN: those are honest. The rest is not: no covariance exceeds
    // the deviations that it is made of
    // (Cauchy and Schwarz), nor does the first row lie further from the mean than all rows together.
    private bool IsPossible
    {
        get
        {
            if (Count == 0)
            {
                return !_origin.AsSpan().ContainsAnyExcept(0)
                    && !_rest.AsSpan().ContainsAnyExcept(0)
                    && !_products.AsSpan().ContainsAnyExcept(0);
            }
            if (Count == 1 && (_rest.AsSpan().ContainsAnyExcept(0) || _products.AsSpan().ContainsAnyExcept(0))) return false;
            for (var i = 0; i < Columns; i++)
            {
                var own = _products[Place(i, i)];
                if (!double.IsFinite(_origin[i]) || own < 0) return false;
                if (!double.IsFinite(own)) continue;
                var limit = Math.Sqrt(own + SmallestPower) * Slack;
                if (!(Math.Abs(_rest[i]) <= limit)) return false;
                for (var j = 0; j < i; j++)
                {
                    var others = _products[Place(j, j)];
                    if (double.IsFinite(others) && !(Math.Abs(_products[Place(i, j)]) <= limit * Math.Sqrt(others + SmallestPower)))
                    {
                        return false;
                    }
                }
            }

            return true;
        }
    }

    private static int Place(int first, int second)
    {
        var (low, high) = first < second ? (first, second) : (second, first);
        return high * (high + 1) / 2 + low;
    }

    /// <summary>
    /// Counts more rows, whose means deviate from the ones here as <see cref="_deviation"/> says, and whose
    /// own sums of products were added.
    /// </summary>
    private void Move(long more)
    {
        double here = Count, total = here + more, weight = here * (more / total);
        for (int i = 0, row = 0; i < Columns; row += ++i)
        {
            var deviation = _deviation[i] * weight;
            var products = _products.AsSpan(row, i + 1);
            if (deviation != 0) TensorPrimitives.MultiplyAdd(_deviation.AsSpan(0, i + 1), deviation, products, products);
        }

        for (var i = 0; i < Columns; i++) _rest[i] += _deviation[i] * (more / total);
        Count += more;
    }

    private void Require(int column, string name)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(column, name);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(column, Columns, name);
    }
}
