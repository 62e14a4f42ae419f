using MlOps.Sdk.Data;
using MlOps.Sdk.Statistics;

namespace MlOps.Sdk.Exploration;

/// <summary>
/// Whether a column has a value twice. A sketch of distinct values cannot tell, so hashes of the values are kept until one comes
/// again, or until there are too many of them. Equal hashes of different values would only make a column less sure of itself, never
/// claim too much. Not thread-safe.
/// </summary>
internal sealed class UniqueValues
{
    private const int MostOfAColumn = 100_000;
    private const int MostOfATable = 1_000_000;
    private readonly int _limit;
    private HashSet<ulong>? _seen;

    /// <param name="type">The type of the column.</param>
    /// <param name="columns">How many columns share the memory.</param>
    public UniqueValues(ColumnType type, int columns)
    {
        _limit = Math.Clamp(MostOfATable / Math.Max(1, columns), 1_000, MostOfAColumn);
        if (type is ColumnType.Text or ColumnType.Integer) _seen = [];
    }

    /// <summary>
    /// Whether no value occurs twice; <see langword="null"/> when that is not known: for other types than texts and
    /// integers, and for too many values.
    /// </summary>
    public bool? IsUnique { get; private set; }

    public void Add(Column column)
    {
        if (_seen is null) return;
        if (column.Length > column.NullCount) IsUnique = true;
        for (var row = 0; row < column.Length && _seen is not null; row++)
        {
            if (column.IsNull(row)) continue;
            var hash = column is TextColumn texts
                ? DistinctSketch.Hash(texts.Dictionary[texts.Values[row]])
                : (ulong)((Column<long>)column).Values[row];
            if (!_seen.Add(hash)) Stop(false);
            else if (_seen.Count > _limit) Stop(null);
        }
    }

    private void Stop(bool? isUnique)
    {
        IsUnique = isUnique;
        _seen = null;
    }
}
