using System.Globalization;
using System.Text;
using MlOps.Sdk.Storage;

namespace MlOps.Sdk.Tracking;

/// <summary>Reads a filter of runs, by recursive descent. For one text.</summary>
internal sealed class RunFilterParser(string text)
{
    private static readonly string[] s_signs = ["!=", "<=", ">=", "<>", "==", "=", "<", ">"];
    private static readonly string[] s_words = ["and", "or", "not", "in", "like", "exists"];

    private int _at;
    private int _depth;
    private int _comparisons;

    public RunFilter Parse()
    {
        if (text.Length > RunFilterBounds.LongestText) throw Mistake(RunFilterBounds.LongestText, RunFilterBounds.OfText);
        SkipBlanks();
        if (_at == text.Length) return RunFilter.All;
        var condition = ReadAny();
        return _at == text.Length ? new RunFilter(condition) : throw Mistake(_at, "'and', 'or' or the end was expected");
    }

    private RunCondition ReadAny()
    {
        List<RunCondition> conditions = [ReadAll()];
        while (TryReadWord("or")) conditions.Add(ReadAll());
        return conditions.Count == 1 ? conditions[0] : new RunCondition.Any(conditions);
    }

    private RunCondition ReadAll()
    {
        List<RunCondition> conditions = [ReadOne()];
        while (TryReadWord("and")) conditions.Add(ReadOne());
        return conditions.Count == 1 ? conditions[0] : new RunCondition.All(conditions);
    }

    private RunCondition ReadOne()
    {
        var start = _at;
        if (TryReadWord("not"))
        {
            // The parenthesis behind it nests by itself.
            return new RunCondition.Not(_at < text.Length && text[_at] == '(' ? ReadOne() : Nested(start, ReadOne));
        }
        if (!TryRead('(')) return ReadComparison();
        var condition = Nested(start, ReadAny);
        return TryRead(')') ? condition : throw Mistake(_at, $"')' was expected for the '(' at character {start + 1}");
    }

    private RunCondition Nested(int start, Func<RunCondition> read)
    {
        if (++_depth > RunFilterBounds.DeepestNesting) throw Mistake(start, RunFilterBounds.OfNesting);
        var condition = read();
        _depth--;
        return condition;
    }

    private RunCondition.Compare ReadComparison()
    {
        var start = _at;
        var field = ReadField();
        if (++_comparisons > RunFilterBounds.MostComparisons) throw Mistake(start, RunFilterBounds.OfComparisons);
        var comparison = ReadComparisonKind(field);
        var at = _at;
        IReadOnlyList<object> values = comparison switch
        {
            RunComparisonKind.Exists => [],
            RunComparisonKind.In => ReadList(field),
            _ => [ReadValue(field)],
        };
        return RunComparisons.Check(field, comparison, values) is { } mistake
            ? throw Mistake(at, mistake)
            : new RunCondition.Compare(field.Kind, field.Name, comparison, RunComparisons.Typed(field, values));
    }

    private RunField ReadField()
    {
        var start = _at;
        var name = ReadName();
        if (name.Length == 0) throw Mistake(start, "the name of a field was expected");
        return RunField.Find(name) ?? throw Mistake(start, $"'{name}' is not a field of runs. {RunField.Suggest(name)}");
    }

    // Metrics have names such as equal_opportunity_difference(female): a parenthesis that follows a name at once is of it.
    private string ReadName()
    {
        var start = _at;
        while (_at < text.Length && RunFilterText.IsOfWord(text[_at])) _at++;
        var isOfFamily = text.AsSpan(start, _at - start).Contains('.');
        if (isOfFamily && _at < text.Length && text[_at] is '"' or '\'' && text[_at - 1] == '.')
        {
            var family = text[start.._at];
            return family + ReadQuoted();
        }
        while (isOfFamily && _at < text.Length && text[_at] == '(')
        {
            var open = _at;
            while (_at < text.Length && text[_at] != ')') _at++;
            if (_at == text.Length) throw Mistake(open, "')' was expected");
            _at++;
            while (_at < text.Length && RunFilterText.IsOfWord(text[_at])) _at++;
        }

        var name = text[start.._at];
        SkipBlanks();
        return name;
    }

    private RunComparisonKind ReadComparisonKind(RunField field)
    {
        foreach (var sign in s_signs)
        {
            if (!text.AsSpan(_at).StartsWith(sign, StringComparison.Ordinal)) continue;
            _at += sign.Length;
            SkipBlanks();
            return sign switch
            {
                "=" or "==" => RunComparisonKind.Equal,
                "!=" or "<>" => RunComparisonKind.NotEqual,
                "<" => RunComparisonKind.Below,
                "<=" => RunComparisonKind.AtMost,
                ">" => RunComparisonKind.Above,
                _ => RunComparisonKind.AtLeast,
            };
        }

        if (TryReadWord("in")) return RunComparisonKind.In;
        if (TryReadWord("like")) return RunComparisonKind.Like;
        return TryReadWord("exists")
            ? RunComparisonKind.Exists
            : throw Mistake(_at, $"=, !=, <, <=, >, >=, in, like or exists was expected after '{field}'");
    }

    private List<object> ReadList(RunField field)
    {
        if (!TryRead('(')) throw Mistake(_at, "'(' was expected after 'in'");
        List<object> values = [];
        do
        {
            values.Add(ReadValue(field));
        }
        while (TryRead(','));
        return TryRead(')') ? values : throw Mistake(_at, "',' or ')' was expected");
    }

    private object ReadValue(RunField field)
    {
        if (_at == text.Length) throw Mistake(_at, $"a value was expected for '{field}'");
        if (text[_at] is '"' or '\'') return ReadQuoted();
        var start = _at;
        while (_at < text.Length && RunFilterText.IsOfWord(text[_at])) _at++;
        var word = text[start.._at];
        SkipBlanks();
        if (word.Length == 0 || s_words.Contains(word, StringComparer.OrdinalIgnoreCase))
        {
            throw Mistake(start, $"a value was expected for '{field}'");
        }

        // The texts of a tag are compared as they are written.
        return field.Kind is RunFieldKind.Metric or RunFieldKind.Duration or RunFieldKind.Parameter
            && double.TryParse(word, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number)
                ? number
                : word;
    }

    private string ReadQuoted()
    {
        var (start, quote) = (_at, text[_at]);
        var value = new StringBuilder();
        for (_at++; _at < text.Length; _at++)
        {
            if (text[_at] == '\\' && _at + 1 < text.Length && (text[_at + 1] == quote || text[_at + 1] == '\\'))
            {
                value.Append(text[++_at]);
                continue;
            }
            if (text[_at] == quote)
            {
                _at++;
                SkipBlanks();
                return value.ToString();
            }
            value.Append(text[_at]);
        }

        throw Mistake(start, $"the text has no closing {quote}");
    }

    private bool TryRead(char sign)
    {
        if (_at == text.Length || text[_at] != sign) return false;
        _at++;
        SkipBlanks();
        return true;
    }

    private bool TryReadWord(string word)
    {
        if (!text.AsSpan(_at).StartsWith(word, StringComparison.OrdinalIgnoreCase)) return false;
        var end = _at + word.Length;
        if (end < text.Length && RunFilterText.IsOfWord(text[end])) return false;
        _at = end;
        SkipBlanks();
        return true;
    }

    private void SkipBlanks()
    {
        while (_at < text.Length && char.IsWhiteSpace(text[_at])) _at++;
    }

    private RunFilterException Mistake(int at, string problem) => new(
        string.Create(
            CultureInfo.InvariantCulture, $"The filter of runs is wrong at character {at + 1}: {problem.TrimEnd('.')}. It is: {Shown(at)}"),
        "Write comparisons such as metrics.roc_auc > 0.8 and params.leaves = 31 and tag.team = \"retention\".",
        text,
        at,
        problem);

    private string Shown(int at)
    {
        var from = Math.Max(0, Math.Min(at, text.Length) - 60);
        var shown = text[from..Math.Min(text.Length, from + 120)];
        return $"{(from > 0 ? "…" : "")}{shown}{(from + 120 < text.Length ? "…" : "")}";
    }
}
