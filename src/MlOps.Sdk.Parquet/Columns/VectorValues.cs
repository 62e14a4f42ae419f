using MlOps.Sdk.Data;

namespace MlOps.Sdk.Collection;

/// <summary>Lists of float32, all of one length.</summary>
internal sealed class VectorValues : ColumnValues
{
    private readonly float[] _values;
    private readonly bool[] _present;
    private int _row;
    private int _value;

    private VectorValues(float[] values, bool[] present, int length)
    {
        _values = values;
        _present = present;
        Length = length;
    }

    /// <summary>The elements of a list; 0 where no row has one.</summary>
    public int Length { get; }

    /// <param name="values">The elements of all lists.</param>
    /// <param name="definitions">How much of an element is there.</param>
    /// <param name="repetitions">0 where a row begins.</param>
    /// <param name="isOptional">Whether a row may have no list.</param>
    /// <param name="isElementOptional">Whether an element may be missing.</param>
    /// <param name="rows">The rows.</param>
    /// <exception cref="InvalidDataException">The levels do not fit the rows.</exception>
    /// <exception cref="NotSupportedException">The lists have several lengths, or missing elements.</exception>
    public static VectorValues Of(
        float[] values, int[] definitions, int[] repetitions, bool isOptional, bool isElementOptional, int rows)
    {
        var present = new bool[rows];
        int row = -1, length = 0, count = 0;
        var full = (isOptional ? 1 : 0) + 1 + (isElementOptional ? 1 : 0);
        for (var i = 0; i < definitions.Length; i++)
        {
            if (repetitions[i] == 0)
            {
                Close();
                if (++row == rows) throw new InvalidDataException("the column has more rows than the row group");
                count = 0;
                if (isOptional && definitions[i] == 0) continue;
                present[row] = true;
            }
            else if (row < 0 || !present[row])
            {
                throw new InvalidDataException("a list does not begin with a row");
            }
            if (definitions[i] == full) count++;
            else if (definitions[i] == full - 1 && isElementOptional) throw new NotSupportedException("has lists with missing elements");
        }

        Close();
        if (row + 1 != rows) throw new InvalidDataException("the column has fewer rows than the row group");
        return new VectorValues(values, present, length);

        void Close()
        {
            if (row < 0 || !present[row]) return;
            if (length == 0) length = count;
            if (count == 0 || count != length)
            {
                throw new NotSupportedException(
                    FormattableString.Invariant($"has lists of several lengths, such as {length} and {count}"));
            }
        }
    }

    public override void Append(ColumnBuilder to, int rows)
    {
        var vectors = (VectorColumnBuilder)to;
        for (var end = _row + rows; _row < end; _row++)
        {
            if (!_present[_row])
            {
                vectors.AppendNull();
                continue;
            }

            vectors.Append(_values.AsSpan(_value, Length));
            _value += Length;
        }
    }

    public override void Skip(int rows)
    {
        _value += _present.AsSpan(_row, rows).Count(true) * Length;
        _row += rows;
    }
}
