using System.Buffers;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.Statistics;

/// <summary>
/// What is known about a column, in bounded memory (about 30 kB) however long it is: counts, and by type moments, quantiles, distinct
/// values, frequent texts and text lengths. Profiles of parts of a column merge into the profile of the whole. Not thread-safe.
/// </summary>
/// <remarks>
/// Numbers, integers, booleans (0 and 1) and timestamps (seconds since 1970-01-01 UTC) have moments and quantiles; texts have
/// frequent items and lengths; vectors have counts only. NaN is a missing value. Infinite values are counted, and are in
/// neither moments nor quantiles.
/// </remarks>
public sealed class ColumnProfile
{
    private const byte FormatVersion = 2;
    private const int ChunkSize = 512;
    private readonly double[] _chunk = new double[ChunkSize];
    private int _chunked;

    /// <summary>Creates an empty profile.</summary>
    /// <param name="type">The type of the column.</param>
    /// <param name="seed">The seed of the quantile sketch. Default: 0.</param>
    public ColumnProfile(ColumnType type, int seed = 0)
    {
        Type = type;
        if (type == ColumnType.Vector) return;
        Distinct = new DistinctSketch();
        Moments = new Moments();
        if (type == ColumnType.Text) Items = new FrequentItems();
        else Quantiles = new QuantileSketch(seed: seed);
        if (type == ColumnType.Timestamp) Times = new TimeCoverage();
    }

    /// <summary>The profile of numbers, flags or times that were counted elsewhere; it has no distinct values.</summary>
    internal ColumnProfile(
        ColumnType type, long count, long missing, long infinite, Moments moments, IReadOnlyList<CountedRange> ranges, TimeCoverage? times)
    {
        (Type, Count, Missing, Infinite, Times) = (type, count, missing, infinite, times);
        Moments = moments;
        Quantiles = QuantileSketch.Of(ranges);
    }

    /// <summary>The profile of texts that were counted elsewhere; it has no distinct values.</summary>
    internal ColumnProfile(long count, long missing, Moments lengths, FrequentItems items, CharacterCounts characters)
    {
        (Type, Count, Missing) = (ColumnType.Text, count, missing);
        (Moments, Items, Characters) = (lengths, items, characters);
    }

    private ColumnProfile(ref BinaryInput reader)
    {
        reader.Version(FormatVersion);
        var type = (ColumnType)reader.Byte();
        if (!Enum.IsDefined(type)) throw reader.Damaged("its column type is unknown");
        Type = type;
        Count = reader.Count();
        Missing = reader.Count();
        Infinite = reader.Count();
        if (type == ColumnType.Vector) return;
        Distinct = DistinctSketch.Read(ref reader);
        Moments = Statistics.Moments.Read(ref reader);
        if (type == ColumnType.Text) Items = FrequentItems.Read(ref reader);
        else Quantiles = QuantileSketch.Read(ref reader);
        if (type == ColumnType.Timestamp) Times = TimeCoverage.Read(ref reader);
        if (type == ColumnType.Text)
        {
            Characters = new CharacterCounts(
                reader.Count(), reader.Count(), reader.Count(), reader.Count(), reader.Count(), reader.Count());
        }
    }

    /// <summary>The type of the column.</summary>
    public ColumnType Type { get; }

    /// <summary>The number of rows, with and without a value.</summary>
    public long Count { get; private set; }

    /// <summary>How many rows have no value (NaN included).</summary>
    public long Missing { get; private set; }

    /// <summary>How many values are infinite.</summary>
    public long Infinite { get; private set; }

    /// <summary>The share of rows without a value; NaN when there are no rows.</summary>
    public double MissingShare => (double)Missing / Count;

    /// <summary>The moments of the finite values; for text, of the lengths in characters. <see langword="null"/> for vectors.</summary>
    public Moments? Moments { get; }

    /// <summary>The quantiles of the finite values; <see langword="null"/> for texts and vectors.</summary>
    public QuantileSketch? Quantiles { get; }

    /// <summary>The distinct values; <see langword="null"/> for vectors.</summary>
    public DistinctSketch? Distinct { get; }

    /// <summary>The frequent texts; <see langword="null"/> for other types.</summary>
    public FrequentItems? Items { get; }

    /// <summary>The times that are covered; <see langword="null"/> for columns of other types than points in time.</summary>
    public TimeCoverage? Times { get; }

    /// <summary>The characters of all texts; zeros for other types.</summary>
    public CharacterCounts Characters { get; private set; }

    /// <summary>The profile of a whole column.</summary>
    /// <param name="column">The column.</param>
    /// <param name="seed">The seed of the quantile sketch. Default: 0.</param>
    public static ColumnProfile Of(Column column, int seed = 0)
    {
        var profile = new ColumnProfile(column.Type, seed);
        profile.Add(column);
        return profile;
    }

    /// <summary>Adds all rows of a column.</summary>
    /// <param name="column">A column of the profile's type.</param>
    /// <exception cref="ArgumentException">The type differs.</exception>
    public void Add(Column column)
    {
        RequireType(column);
        if (column is TextColumn texts)
        {
            AddTexts(texts);
            return;
        }

        Count += column.Length;
        if (column is NumberColumn numbers) AddNumbers(numbers.Values);
        else AddValues(column);
        Flush();
    }

    /// <summary>Adds one row of a column.</summary>
    /// <param name="column">A column of the profile's type.</param>
    /// <param name="row">The row, from 0.</param>
    /// <exception cref="ArgumentException">The type differs.</exception>
    public void Add(Column column, int row)
    {
        RequireType(column);
        Count++;
        if (column is TextColumn texts)
        {
            if (texts.Values[row] is >= 0 and var code) AddText(texts.Dictionary[code], 1);
            else Missing++;
            return;
        }

        AddValue(column, row);
        Flush();
    }

    /// <summary>
    /// Adds all rows of another profile; the other is not changed. Counts and moments are exact, sketches stay within their error.
    /// </summary>
    /// <param name="other">A profile of the same type.</param>
    /// <exception cref="ArgumentException">The types differ.</exception>
    public void Merge(ColumnProfile other)
    {
        if (other.Type != Type)
        {
            throw new ArgumentException($"A profile of a {other.Type} column cannot be merged into one of a {Type} column.", nameof(other));
        }
        Count += other.Count;
        Missing += other.Missing;
        Infinite += other.Infinite;
        Moments?.Merge(other.Moments!);
        Quantiles?.Merge(other.Quantiles!);
        Distinct?.Merge(other.Distinct!);
        Items?.Merge(other.Items!);
        Times?.Merge(other.Times!);
        Characters += other.Characters;
    }

    /// <summary>Writes the profile; the same bytes for the same state.</summary>
    /// <param name="to">Where to write.</param>
    public void Save(IBufferWriter<byte> to)
    {
        var writer = new BinaryOutput(to);
        writer.Byte(FormatVersion);
        writer.Byte((byte)Type);
        writer.Int64(Count);
        writer.Int64(Missing);
        writer.Int64(Infinite);
        Distinct?.Save(to);
        Moments?.Save(to);
        Items?.Save(to);
        Quantiles?.Save(to);
        Times?.Save(to);
        if (Type != ColumnType.Text) return;
        writer.Int64(Characters.Letters);
        writer.Int64(Characters.Digits);
        writer.Int64(Characters.Spaces);
        writer.Int64(Characters.Other);
        writer.Int64(Characters.Blank);
        writer.Int64(Characters.Words);
    }

    /// <summary>Reads what <see cref="Save"/> wrote.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <exception cref="MlOpsException">The bytes are damaged or of another version.</exception>
    public static ColumnProfile Read(ReadOnlySpan<byte> bytes)
    {
        var reader = new BinaryInput(bytes, "column profile");
        var profile = new ColumnProfile(ref reader);
        reader.End();
        return profile;
    }

    private void RequireType(Column column)
    {
        if (column.Type != Type)
        {
            throw new ArgumentException($"The profile is of a {Type} column, the column is {column.Type}.", nameof(column));
        }
    }

    private void AddTexts(TextColumn column)
    {
        // A text is hashed and counted once per column, not once per row.
        var times = new int[column.Dictionary.Length];
        Count += column.Length;
        foreach (var code in column.Values)
        {
            if (code >= 0) times[code]++;
            else Missing++;
        }

        for (var code = 0; code < times.Length; code++)
        {
            if (times[code] > 0) AddText(column.Dictionary[code], times[code]);
        }

        Flush();
    }

    private void AddText(string text, int times)
    {
        Distinct!.Add(text.AsSpan());
        Items!.Add(text, times);
        Characters = Characters.Plus(CharacterCounts.Of(text), times);
        for (var i = 0; i < times; i++) Buffer(text.Length);
        Flush();
    }

    /// <summary>The same as <see cref="AddValue"/> for every number; a missing one is NaN.</summary>
    private void AddNumbers(ReadOnlySpan<double> values)
    {
        while (!values.IsEmpty)
        {
            // What is not finite is overwritten by the next value rather than asked about.
            var part = values[..Math.Min(values.Length, ChunkSize)];
            var finite = 0;
            foreach (var value in part)
            {
                _chunk[finite] = value;
                finite += double.IsFinite(value) ? 1 : 0;
            }

            if (finite < part.Length)
            {
                foreach (var value in part)
                {
                    if (double.IsNaN(value)) Missing++;
                    if (!double.IsInfinity(value)) continue;
                    Infinite++;
                    Distinct!.Add(value);
                }
            }

            Distinct!.Add(_chunk.AsSpan(0, finite));
            _chunked = finite;
            Flush();
            values = values[part.Length..];
        }
    }

    private void AddValues(Column column)
    {
        for (var row = 0; row < column.Length; row++) AddValue(column, row);
    }

    private void AddValue(Column column, int row)
    {
        if (column.IsNull(row))
        {
            Missing++;
            return;
        }

        if (Type == ColumnType.Vector) return;
        var value = column.GetNumber(row);
        if (double.IsNaN(value))
        {
            Missing++;
            return;
        }

        // Integers and timestamps beyond 2⁵³ are distinct where doubles are not.
        if (column is TimestampColumn times) Times!.Add(times.GetTimestamp(row));
        if (column is Column<long> integers) Distinct!.Add(integers.Values[row]);
        else Distinct!.Add(value);
        if (double.IsInfinity(value)) Infinite++;
        else Buffer(value);
    }

    private void Buffer(double value)
    {
        _chunk[_chunked++] = value;
        if (_chunked == ChunkSize) Flush();
    }

    private void Flush()
    {
        var values = _chunk.AsSpan(0, _chunked);
        Moments?.Add(values);
        Quantiles?.Add(values);
        _chunked = 0;
    }
}
