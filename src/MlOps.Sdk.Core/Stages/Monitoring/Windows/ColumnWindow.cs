using System.Buffers;
using MlOps.Sdk.Data;
using MlOps.Sdk.Packaging;
using MlOps.Sdk.Statistics;

namespace MlOps.Sdk.Monitoring;

/// <summary>A column in a window of predictions, beside what it looked like in training.</summary>
public sealed class ColumnWindow
{
    private readonly long[] _counts;

    internal ColumnWindow(ColumnBaseline reference)
    {
        Reference = reference;

        // Where training had whole numbers only, fractions may come.
        var type = reference.Profile.Type;
        Current = new ColumnProfile(type == ColumnType.Integer ? ColumnType.Number : type);
        _counts = new long[reference.Bins.BinCount];
    }

    /// <summary>A column that was counted elsewhere.</summary>
    internal ColumnWindow(ColumnBaseline reference, ColumnProfile current, long[] counts, long newLevels, long askedLevels)
    {
        (Reference, Current, _counts) = (reference, current, counts);
        (NewLevels, AskedLevels) = (newLevels, askedLevels);
    }

    /// <summary>The column's name.</summary>
    public string Name => Reference.Name;

    /// <summary>The column in training.</summary>
    public ColumnBaseline Reference { get; }

    /// <summary>The column in the window; whole numbers are numbers.</summary>
    public ColumnProfile Current { get; private set; }

    /// <summary>The window's counts in the reference's bins.</summary>
    public IReadOnlyList<long> Counts => _counts;

    /// <summary>Rows with a level that the reference does not have, of <see cref="AskedLevels"/>.</summary>
    internal long NewLevels { get; private set; }

    /// <summary>Rows of which it is known whether their level is new.</summary>
    internal long AskedLevels { get; private set; }

    internal void Add(Column rows)
    {
        var column = ColumnPair.As(rows, Current.Type)
            ?? throw new MlOpsException(
                $"The column '{Name}' is {rows.Type}, and was {Reference.Profile.Type} when the lifecycle ran.",
                "Read both with one schema.") { Column = Name };
        Current.Add(column);
        var counts = Reference.Bins.Count(column);
        for (var i = 0; i < _counts.Length; i++) _counts[i] += counts[i];
        if (column is not TextColumn texts) return;
        var (fresh, asked) = Reference.Bins.Known.Count(texts);
        NewLevels += fresh;
        AskedLevels += asked;
    }

    internal void Merge(ColumnWindow other)
    {
        Current.Merge(other.Current);
        for (var i = 0; i < _counts.Length; i++) _counts[i] += other._counts[i];
        NewLevels += other.NewLevels;
        AskedLevels += other.AskedLevels;
    }

    internal void Save(IBufferWriter<byte> to)
    {
        var writer = new BinaryOutput(to);
        writer.Text(Name);
        var profile = new ArrayBufferWriter<byte>();
        Current.Save(profile);
        writer.Int32(profile.WrittenCount);
        to.Write(profile.WrittenSpan);
        writer.Counts(_counts);
        writer.Int64(NewLevels);
        writer.Int64(AskedLevels);
    }

    internal void Read(ref BinaryInput reader)
    {
        if (reader.Text() != Name) throw reader.Damaged("its columns are not those of the version");
        var profile = ColumnProfile.Read(reader.Bytes(reader.Length(1)));
        var counts = reader.Counts();
        if (profile.Type != Current.Type || counts.Length != _counts.Length) throw reader.Damaged($"the column '{Name}' does not fit");
        Current = profile;
        counts.CopyTo(_counts, 0);
        (NewLevels, AskedLevels) = (reader.Count(), reader.Count());
    }
}
