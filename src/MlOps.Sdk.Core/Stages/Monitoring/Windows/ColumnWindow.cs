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
        Current = new ColumnProfile(reference.Profile.Type);
        _counts = new long[reference.Bins.BinCount];
    }

    /// <summary>The column's name.</summary>
    public string Name => Reference.Name;

    /// <summary>The column in training.</summary>
    public ColumnBaseline Reference { get; }

    /// <summary>The column in the window.</summary>
    public ColumnProfile Current { get; }

    /// <summary>The window's counts in the reference's bins.</summary>
    public IReadOnlyList<long> Counts => _counts;

    internal void Add(Column column)
    {
        Current.Add(column);
        var counts = Reference.Bins.Count(column);
        for (var i = 0; i < _counts.Length; i++) _counts[i] += counts[i];
    }

    internal void Merge(ColumnWindow other)
    {
        Current.Merge(other.Current);
        for (var i = 0; i < _counts.Length; i++) _counts[i] += other._counts[i];
    }
}
