using System.Globalization;
using MlOps.Sdk.Data;
using MlOps.Sdk.Diagnostics;

namespace MlOps.Sdk.Packaging;

/// <summary>
/// Holds the rows in the columns of a scorer to the input contract: sets defaults, counts flags, and collects what is rejected. Allocates
/// nothing for rows that are as expected. Not thread-safe: one per scorer.
/// </summary>
internal sealed class InputCheck
{
    /// <summary>How many problems an exception has at most.</summary>
    public const int MostProblems = 10_000;

    // Who sends thousands of names that are no columns has not mistyped them.
    private const int MostNearest = 20;

    private readonly InputRules _rules;
    private readonly ColumnBuilder[] _inputs;
    private readonly bool _counts;
    private readonly List<(int Row, int Column, object? Value)> _notes = [];
    private readonly KeyValuePair<string, object?> _model;
    private readonly HashSet<(int Row, int Column)> _handled = [];
    private List<InputProblem>? _rejected;
    private int _nearest;
    private bool _isIndexed;
    private int[] _flags = new int[1];
    private bool[] _isRejected = new bool[1];

    /// <param name="rules">The contract.</param>
    /// <param name="inputs">The columns of the scorer.</param>
    /// <param name="counts">Whether what differs is counted: rows of callers are, rows of an evaluation are not.</param>
    public InputCheck(InputRules rules, ColumnBuilder[] inputs, bool counts)
    {
        (_rules, _inputs, _counts) = (rules, inputs, counts);
        _model = new("mlops.model", rules.Model);
        for (var i = 0; i < inputs.Length; i++)
        {
            if (rules.Columns[i].Mistyped != InputHandling.Accept) inputs[i].Misfits = [];
        }
    }

    /// <summary>Whether anything was rejected so far.</summary>
    public bool HasRejected => RejectedCount > 0;

    /// <summary>How many values were rejected so far.</summary>
    public long RejectedCount { get; private set; }

    /// <summary>Whether extra columns of a row matter.</summary>
    public bool LooksForExtra => _rules.Extra != InputHandling.Accept;

    /// <summary>How many values of a row are flagged.</summary>
    public int FlagsOf(int row) => _flags[row];

    /// <summary>Notes that the row to which values are appended does not have a column, and makes it a missing value.</summary>
    /// <param name="column">The column.</param>
    /// <param name="others">Names that the row has: one of them may be meant.</param>
    /// <returns>Whether the contract handles it; else nothing is done.</returns>
    public bool TakesMissingColumn(int column, IEnumerable<string>? others = null)
    {
        if (_rules.Columns[column].MissingColumn == InputHandling.Accept) return false;
        _notes.Add((_inputs[column].Count, column, others));
        _inputs[column].AppendNull();
        return true;
    }

    /// <summary>Notes the extra columns of a row, all of whose values were appended.</summary>
    public void NoteExtra(IEnumerable<string> columns)
    {
        foreach (var column in columns)
        {
            if (_rules.IsExtra(column)) _notes.Add((_inputs[0].Count - 1, -1, column));
        }
    }

    /// <summary>All that was rejected so far, as an exception.</summary>
    /// <param name="isSingle">Whether the caller gave one row, which need not be numbered.</param>
    public InputRejectedException ToException(bool isSingle) =>
        new(_rules.Model, [.. (_rejected ?? []).OrderBy(problem => problem.Row)], RejectedCount, isSingle);

    /// <summary>Whether a row of the block is rejected.</summary>
    public bool IsRejected(int row) => _isRejected[row];

    /// <summary>The problems that were found first, 10,000 at most.</summary>
    public IReadOnlyList<InputProblem> Rejected => _rejected ?? [];

    /// <summary>Forgets the rows and what was rejected.</summary>
    public void Clear()
    {
        ClearBlock();
        (_rejected, RejectedCount, _nearest) = (null, 0, 0);
    }

    /// <summary>Forgets the rows.</summary>
    public void ClearBlock()
    {
        if (_notes.Count > 0) _notes.Clear();
        foreach (var input in _inputs)
        {
            if (input.Misfits is { Count: > 0 } misfits) misfits.Clear();
        }
    }

    /// <summary>Looks at the rows.</summary>
    /// <param name="first">The place of the first row in what the caller gave, from 0.</param>
    /// <param name="defaultsOnly">
    /// Whether only defaults and flags are wanted: of rows that were looked at before, and of those that nobody is to be told of.
    /// </param>
    /// <param name="isRepeated">Whether what differs was counted already.</param>
    public void Run(long first, bool defaultsOnly = false, bool isRepeated = false)
    {
        var rows = _inputs[0].Count;
        if (_flags.Length < rows)
        {
            _flags = new int[Math.Max(rows, ModelScorer.BlockRows)];
            _isRejected = new bool[_flags.Length];
        }

        _flags.AsSpan(0, rows).Clear();
        _isRejected.AsSpan(0, rows).Clear();
        _isIndexed = false;
        var look = new Look(first, defaultsOnly, _counts && !defaultsOnly && !isRepeated);
        foreach (var (row, column, value) in _notes)
        {
            if (column < 0) Handle(InputProblemKind.ExtraColumn, _rules.Extra, row, -1, value, look);
            else Handle(InputProblemKind.MissingColumn, _rules.Columns[column].MissingColumn, row, column, value, look);
        }

        for (var i = 0; i < _inputs.Length; i++)
        {
            var rule = _rules.Columns[i];
            if (_inputs[i].Misfits is { Count: > 0 } misfits)
            {
                foreach (var (row, value) in misfits) Handle(InputProblemKind.Mistyped, rule.Mistyped, row, i, value, look);
            }

            if (rule.LooksAtValues) LookAt(rule, i, rows, look);
        }
    }

    // Most values are as expected, and must cost a comparison or a look-up and no more. A missing number is NaN, which no bound holds.
    private void LookAt(ColumnRule rule, int i, int rows, in Look look)
    {
        switch (_inputs[i].View)
        {
            case NumberColumn numbers:
                var (low, high) = (rule.Low, rule.High);
                for (var row = 0; row < rows; row++)
                {
                    var value = numbers.Buffer[row];
                    if (value >= low && value <= high) continue;
                    if (numbers.IsMissing(row)) Miss(rule, i, row, look);
                    else Handle(InputProblemKind.OutOfDomain, rule.OutOfDomain, row, i, null, look);
                }

                break;
            case IntegerColumn integers:
                for (var row = 0; row < rows; row++)
                {
                    if (integers.IsNull(row)) Miss(rule, i, row, look);
                    else if (!(integers.Buffer[row] >= rule.Low && integers.Buffer[row] <= rule.High))
                    {
                        Handle(InputProblemKind.OutOfDomain, rule.OutOfDomain, row, i, null, look);
                    }
                }

                break;
            case TextColumn texts:
                for (var row = 0; row < rows; row++)
                {
                    var code = texts.Buffer[row];
                    if (code < 0) Miss(rule, i, row, look);
                    else if (rule.Unseen != InputHandling.Accept && rule.IsNew(texts.Texts[code]))
                    {
                        Handle(InputProblemKind.Unseen, rule.Unseen, row, i, null, look);
                    }
                }

                break;
            case var column when column.NullCount > 0:
                for (var row = 0; row < rows; row++)
                {
                    if (column.IsNull(row)) Miss(rule, i, row, look);
                }

                break;
        }
    }

    private void Miss(ColumnRule rule, int column, int row, in Look look)
    {
        if (rule.Missing == InputHandling.Accept || IsNoted(row, column)) return;
        Handle(InputProblemKind.Missing, rule.Missing, row, column, null, look);
    }

    // What was appended in the place of a value that is handled already.
    private bool IsNoted(int row, int column)
    {
        if (!_isIndexed) Index();
        return _handled.Count > 0 && _handled.Contains((row, column));
    }

    private void Index()
    {
        _isIndexed = true;
        _handled.Clear();
        foreach (var note in _notes) _handled.Add((note.Row, note.Column));
        for (var column = 0; column < _inputs.Length; column++)
        {
            if (_inputs[column].Misfits is not { Count: > 0 } misfits) continue;
            foreach (var misfit in misfits) _handled.Add((misfit.Row, column));
        }
    }

    private void Handle(InputProblemKind kind, InputHandling handling, int row, int column, object? value, in Look look)
    {
        switch (handling)
        {
            case InputHandling.Accept:
                return;
            case InputHandling.Flag:
                _flags[row]++;
                break;
            case InputHandling.Default:
                _inputs[column].Put(row, _rules.Columns[column].Default!, 0);
                break;
            case InputHandling.Reject when !look.DefaultsOnly:
                RejectedCount++;
                _isRejected[row] = true;
                _rejected ??= [];
                if (_rejected.Count < MostProblems) _rejected.Add(ProblemOf(kind, row, column, value, look.First));
                break;
        }

        if (!look.Counts) return;
        Telemetry.InputProblems.Add(
            1,
            _model,
            new("mlops.input.problem", NameOf(kind)),
            new("mlops.input.handling", handling switch
            {
                InputHandling.Flag => "flagged",
                InputHandling.Default => "defaulted",
                _ => "rejected",
            }));
    }

    private InputProblem ProblemOf(InputProblemKind kind, int row, int column, object? value, long first)
    {
        if (column < 0)
        {
            var name = PrintableText.Shorten((string)value!);
            var near = NearestOf((string)value!, _rules.Columns.Select(rule => rule.Field.Name));
            return new InputProblem(
                first + row, name, kind, null, $"The model does not read '{name}'.",
                (near is null ? "" : $"Did you mean '{near}'? ") + "Leave the column out.");
        }

        var rule = _rules.Columns[column];
        var field = rule.Field;
        var text = kind == InputProblemKind.Mistyped
            ? CellConversion.Show(value)
            : _inputs[column].View.GetText(row) is { } shown ? PrintableText.Shorten(shown) : null;
        var (problem, remedy) = kind switch
        {
            InputProblemKind.MissingColumn => (
                $"The row has no '{field.Name}'.",
                (value is IEnumerable<string> others && NearestOf(field.Name, others) is { } near
                    ? $"It has '{PrintableText.Shorten(near)}', and names are case-sensitive. "
                    : "") + $"Give a value of the type {field.Type}."),
            InputProblemKind.Missing => ($"'{field.Name}' has no value.", $"Give a value of the type {field.Type}."),
            InputProblemKind.OutOfDomain => (
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"'{field.Name}' is {text}, and the training rows had {rule.Trained.Low:R} to {rule.Trained.High:R}."),
                FormattableString.Invariant($"Give a number from {rule.Low:G6} to {rule.High:G6}")
                    + (rule.Slack == 0
                        ? "."
                        : FormattableString.Invariant($": the range of the training rows with a slack of {rule.Slack:G6}."))),
            InputProblemKind.Unseen => (
                $"'{field.Name}' is '{text}', which no training row had.",
                $"Give '{field.Name}' a text exactly as in the training rows."),
            _ => CellConversion.MisfitOf(value, field) is var misfit ? (misfit.Problem, misfit.Remedy!) : default,
        };
        return new InputProblem(first + row, field.Name, kind, text, problem, remedy);
    }

    // The name that may be meant, of the first problems only.
    private string? NearestOf(string name, IEnumerable<string> names) =>
        _nearest++ < MostNearest ? NearestName.Find(name, names) : null;

    // Without allocating.
    private static string NameOf(InputProblemKind kind) => kind switch
    {
        InputProblemKind.MissingColumn => "missing column",
        InputProblemKind.ExtraColumn => "extra column",
        InputProblemKind.Missing => "missing",
        InputProblemKind.Mistyped => "mistyped",
        InputProblemKind.OutOfDomain => "out of domain",
        _ => "unseen",
    };

    private readonly record struct Look(long First, bool DefaultsOnly, bool Counts);
}
