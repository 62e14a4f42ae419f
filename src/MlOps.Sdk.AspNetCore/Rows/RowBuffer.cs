using MlOps.Sdk.Data;
using MlOps.Sdk.Deployment;
using MlOps.Sdk.Packaging;

namespace MlOps.Sdk.AspNetCore;

/// <summary>
/// The rows of a request as columns, before a version predicts them, with the ids and the key that came with them. Not thread-safe.
/// </summary>
internal sealed class RowBuffer
{
    /// <summary>
    /// How many values of the rows of a request may be missing, extra or mistyped, where the input contract handles them.
    /// </summary>
    public const int MostNotes = 1_000_000;

    // Names that may be meant are of use to who reads the first problems.
    private const int RowsWithNames = 20;

    private readonly ColumnBuilder[] _columns;
    private readonly int[] _filled;
    private readonly List<int>?[] _missing;
    private readonly Dictionary<int, List<string>> _extra = [];
    private readonly List<string> _extraOfAll = [];
    private readonly Dictionary<int, IReadOnlyList<string>> _unknown = [];
    private readonly bool _handlesMistyped;
    private bool _isMissing;
    private Dictionary<(int Row, int Column), object?>? _misfits;
    private int _notes;

    /// <param name="schema">The columns.</param>
    /// <param name="index">Finds them by name.</param>
    /// <param name="rules">The input contract of the version; <see langword="null"/> for none.</param>
    public RowBuffer(Schema schema, ColumnIndex index, InputRules? rules)
    {
        (Schema, Index, Rules) = (schema, index, rules);
        _columns = [.. schema.Select(field => ColumnBuilder.Create(field.Type, field.Length, capacity: 4))];
        _filled = new int[schema.Count];
        _missing = new List<int>[schema.Count];
        Views = [.. _columns.Select(column => column.View)];
        for (var i = 0; i < _columns.Length; i++)
        {
            if (rules is not null && rules.Columns[i].Mistyped != InputHandling.Accept) _columns[i].Misfits = [];
            _handlesMistyped |= _columns[i].Misfits is not null;
        }
    }

    /// <summary>The input contract that the rows are read for.</summary>
    public InputRules? Rules { get; }

    /// <summary>Whether there is anything that the contract is to handle.</summary>
    public bool HasNotes => _isMissing || _extra.Count > 0 || _extraOfAll.Count > 0
        || Array.Exists(_columns, column => column.Misfits is { Count: > 0 });

    public Schema Schema { get; }

    public ColumnIndex Index { get; }

    /// <summary>The columns that are filled.</summary>
    public ReadOnlySpan<ColumnBuilder> Columns => _columns;

    /// <summary>The same, to be read.</summary>
    public Column[] Views { get; }

    /// <summary>The number of rows.</summary>
    public int Count { get; private set; }

    /// <summary>The ids of the rows; empty for new ones.</summary>
    public List<PredictionId> Ids { get; } = [];

    /// <summary>The rows that cannot be read while the others can, with their mistakes.</summary>
    public Dictionary<int, Mistakes> Mistakes { get; } = [];

    /// <summary>What decides which arm answers; <see langword="null"/> where the body does not say.</summary>
    public string? Key { get; set; }

    /// <summary>Begins a row, column by column in any order.</summary>
    /// <exception cref="Rejection">There are too many.</exception>
    public void Begin(int most)
    {
        if (Count >= most) throw Rejection.TooManyRows(most);
        Count++;
    }

    /// <summary>Notes that the present row has a value of a column.</summary>
    /// <returns>Whether it is the first one.</returns>
    public bool Fill(int column)
    {
        if (_filled[column] == Count) return false;
        _filled[column] = Count;
        return true;
    }

    public bool IsFilled(int column) => _filled[column] == Count;

    /// <summary>Makes a column of a row a missing value, if the contract handles rows without the column.</summary>
    /// <returns>Whether it does; else nothing is done.</returns>
    public bool TakesMissing(int row, int column)
    {
        if (Rules is null || Rules.Columns[column].MissingColumn == InputHandling.Accept) return false;
        Note();
        (_missing[column] ??= []).Add(row);
        _isMissing = true;
        _columns[column].AppendNull();
        return true;
    }

    /// <summary>Notes some names that a row has and that are no columns, where the row lacks a column: one of them may be meant.</summary>
    public void NoteUnknown(int row, IReadOnlyList<string>? names)
    {
        if (names is { Count: > 0 } && _unknown.Count < RowsWithNames) _unknown.TryAdd(row, names);
    }

    /// <summary>Names of a row that are no columns; <see langword="null"/> where none were noted.</summary>
    public IReadOnlyList<string>? UnknownOf(int row) => _unknown.GetValueOrDefault(row) ?? UnknownOfAll;

    /// <summary>Some names of all rows that are no columns.</summary>
    public IReadOnlyList<string>? UnknownOfAll { get; set; }

    /// <summary>Whether the names of what is no column matter.</summary>
    public bool LooksForExtra => Rules is { Extra: not InputHandling.Accept };

    /// <summary>Notes that a row has a member that is no column.</summary>
    public void NoteExtra(int row, string name)
    {
        if (!LooksForExtra || !Rules!.IsExtra(name)) return;
        Note();
        if (!_extra.TryGetValue(row, out var names)) _extra[row] = names = [];
        names.Add(name);
    }

    /// <summary>Notes that all rows have a member that is no column.</summary>
    public void NoteExtraOfAll(string name, int rows)
    {
        if (rows == 0 || !LooksForExtra || !Rules!.IsExtra(name)) return;
        Note(rows);
        _extraOfAll.Add(name);
    }

    /// <summary>Makes sure that not too many values are mistyped.</summary>
    /// <exception cref="Rejection">There are too many.</exception>
    public void CheckMisfits()
    {
        if (!_handlesMistyped) return;
        var count = _notes;
        foreach (var column in _columns) count += column.Misfits?.Count ?? 0;
        if (count > MostNotes) throw TooMany();
    }

    // Rows come in their order.
    public bool IsMissing(int row, int column) => _missing[column] is { } rows && rows.BinarySearch(row) >= 0;

    /// <summary>Whether a row has a value that its column cannot hold, and that the contract handles.</summary>
    public bool IsMisfit(int row, int column, out object? value)
    {
        _misfits ??= _columns
            .SelectMany((builder, i) => (builder.Misfits ?? []).Select(misfit => (Key: (misfit.Row, i), misfit.Value)))
            .ToDictionary(misfit => misfit.Key, misfit => misfit.Value);
        return _misfits.TryGetValue((row, column), out value);
    }

    /// <summary>The members of all rows that are no columns.</summary>
    public IReadOnlyList<string> ExtraOfAll => _extraOfAll;

    public IReadOnlyList<string> ExtraOf(int row) => _extra.TryGetValue(row, out var names) ? names : [];

    /// <summary>Says that all rows are there, whose columns were filled one after the other.</summary>
    public void Complete(int rows) => Count = rows;

    /// <summary>Forgets the rows and keeps the memory.</summary>
    public void Clear()
    {
        foreach (var column in _columns)
        {
            column.Clear();
            column.Misfits?.Clear();
        }

        foreach (var rows in _missing) rows?.Clear();
        _isMissing = false;
        _extra.Clear();
        _extraOfAll.Clear();
        _unknown.Clear();
        UnknownOfAll = null;
        (_misfits, _notes) = (null, 0);
        Array.Clear(_filled);
        Count = 0;
        Ids.Clear();
        Mistakes.Clear();
        Key = null;
    }

    // A request of a few bytes a row must not take memory for each column of it.
    private void Note(int count = 1)
    {
        _notes += count;
        if (_notes > MostNotes) throw TooMany();
    }

    private static Rejection TooMany() => Rejection.BadRequest(FormattableString.Invariant(
        $"More than {MostNotes} values of the rows are missing, extra or mistyped. Divide the request."));
}
