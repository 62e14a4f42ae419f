namespace MlOps.Sdk.Collection;

/// <summary>Marks what a dialect takes for comments, literals and numbers. For one pass, not thread-safe.</summary>
internal sealed class SqlScanner(string sql, SqlDialect dialect, bool[] isSecret)
{
    private readonly Stack<bool?> _isQuery = [];
    private int _at;
    private bool _isBalanced = true;

    // The last word, where nothing but space and comments came since, and the one before it.
    private string _word = "";
    private string _wordBefore = "";

    /// <returns>Whether everything that was begun has an end.</returns>
    public bool Run()
    {
        while (_at < sql.Length) Token();
        return _isBalanced;
    }

    private void Token()
    {
        var c = sql[_at];
        if (char.IsWhiteSpace(c)) _at++;
        else if (IsComment()) Comment();
        else if (IsWord(c)) Word();
        else if (c == '\'') Literal(_at, escapes: Has(SqlDialect.Backslash));
        else if (c == '"') DoubleQuoted();
        else if (c == '`' && Has(SqlDialect.Backtick)) Name('`', doubled: true);
        else if (c == '[' && Has(SqlDialect.Bracket)) Name(']', Has(SqlDialect.DoubledBracket));
        else if (c == '$' && Has(SqlDialect.Dollar) && Tag() is { } tag) Mark(_at, EndOf(tag, _at + tag.Length));
        else Other(c);
    }

    private bool IsComment() => sql[_at] switch
    {
        '#' => Has(SqlDialect.HashComment),
        '-' => Follows("-") && (!Has(SqlDialect.SpacedComment) || _at + 2 == sql.Length || sql[_at + 2] <= ' '),
        '/' => IsSlashComment() || Follows("*") && !(Has(SqlDialect.ExecutableComment) && (Follows("*!") || Follows("*M!"))),
        _ => false,
    };

    private bool IsSlashComment() => Has(SqlDialect.SlashComment) && Follows("/");

    private void Comment()
    {
        if (sql[_at] != '/' || IsSlashComment())
        {
            var rest = sql.AsSpan(_at);
            var length = Has(SqlDialect.Dollar) ? rest.IndexOfAny('\n', '\r') : rest.IndexOf('\n');
            if (length < 0) length = rest.Length;
            isSecret.AsSpan(_at, length).Fill(true);
            _at += length;
            return;
        }

        var start = _at;
        var depth = 0;
        do
        {
            if (Follows("*") && sql[_at] == '/' && (depth == 0 || Has(SqlDialect.NestedComment)))
            {
                depth++;
                _at += 2;
            }
            else if (sql[_at] == '*' && Follows("/"))
            {
                depth--;
                _at += 2;
            }
            else
            {
                _at++;
            }
        }
        while (depth > 0 && _at < sql.Length);
        _isBalanced &= depth == 0;
        isSecret.AsSpan(start, _at - start).Fill(true);
    }

    private void Word()
    {
        var start = _at;
        if (char.IsDigit(sql[start]))
        {
            while (_at < sql.Length && (IsWord(sql[_at]) || sql[_at] == '.')) _at++;
            Mark(start, _at);
            return;
        }

        while (_at < sql.Length && (IsWord(sql[_at]) || sql[_at] == '$')) _at++;
        var word = sql[start.._at];
        if (_at < sql.Length && sql[_at] == '\'' && Prefixed(word)) return;
        (_wordBefore, _word) = (_word, word.ToUpperInvariant());
        if (_isQuery.TryPeek(out var isQuery) && isQuery is null)
        {
            _isQuery.Pop();
            _isQuery.Push(_word is "SELECT" or "WITH");
        }
    }

    // A literal whose prefix says how it is written.
    private bool Prefixed(string word)
    {
        if (Has(SqlDialect.QQuote) && word.ToUpperInvariant() is ("Q" or "NQ"))
        {
            if (_at + 1 >= sql.Length)
            {
                Mark(_at, EndOf("'", sql.Length));
                return true;
            }
            var open = sql[_at + 1];
            var close = open switch { '[' => ']', '{' => '}', '(' => ')', '<' => '>', _ => open };
            Mark(_at, EndOf($"{close}'", Math.Min(_at + 2, sql.Length)));
            return true;
        }
        if (!Has(SqlDialect.EscapeString) || word is not ("e" or "E")) return false;
        Literal(_at, escapes: true);
        return true;
    }

    private void Literal(int start, bool escapes) => Mark(start, QuotedEnd(start, escapes));

    private void DoubleQuoted()
    {
        var start = _at;
        var end = QuotedEnd(start, Has(SqlDialect.Backslash));
        var isName = (start > 0 && sql[start - 1] == '.')
            || (end < sql.Length && sql[end] == '.')
            || _word is "AS" or "JOIN" or "STRAIGHT_JOIN" or "UPDATE" or "INTO" or "TABLE"
            || (_word == "FROM" && _wordBefore != "DISTINCT" && (!_isQuery.TryPeek(out var isQuery) || isQuery == true));
        if (isName) Pass(end);
        else Mark(start, end);
    }

    private int QuotedEnd(int start, bool escapes)
    {
        var quote = sql[start];
        var triple = new string(quote, 3);
        if (Has(SqlDialect.TripleQuote) && string.CompareOrdinal(sql, start, triple, 0, 3) == 0) return TripleEnd(start + 3, triple);
        for (var i = start + 1; i < sql.Length; i++)
        {
            if (escapes && sql[i] == '\\') i++;
            else if (sql[i] == quote && i + 1 < sql.Length && sql[i + 1] == quote && !Has(SqlDialect.TripleQuote)) i++;
            else if (sql[i] == quote) return i + 1;
        }

        _isBalanced = false;
        return sql.Length;
    }

    private int TripleEnd(int from, string triple)
    {
        for (var i = from; i < sql.Length; i++)
        {
            if (sql[i] == '\\') i++;
            else if (string.CompareOrdinal(sql, i, triple, 0, 3) == 0) return i + 3;
        }

        _isBalanced = false;
        return sql.Length;
    }

    private void Name(char close, bool doubled)
    {
        for (var i = _at + 1; i < sql.Length; i++)
        {
            if (sql[i] != close) continue;
            if (doubled && i + 1 < sql.Length && sql[i + 1] == close)
            {
                i++;
                continue;
            }
            Pass(i + 1);
            return;
        }

        _isBalanced = false;
        Mark(_at, sql.Length);
    }

    private string? Tag()
    {
        var end = _at + 1;
        while (end < sql.Length && IsWord(sql[end])) end++;
        return end < sql.Length && sql[end] == '$' && !char.IsDigit(sql[_at + 1]) ? sql[_at..(end + 1)] : null;
    }

    private int EndOf(string close, int from)
    {
        var end = sql.IndexOf(close, from, StringComparison.Ordinal);
        if (end >= 0) return end + close.Length;
        _isBalanced = false;
        return sql.Length;
    }

    private void Other(char c)
    {
        if (_isQuery.TryPeek(out var isQuery) && isQuery is null)
        {
            _isQuery.Pop();
            _isQuery.Push(false);
        }
        if (c == '(') _isQuery.Push(null);
        if (c == ')') _isQuery.TryPop(out _);

        // The end of what may be executed is not the begin of a comment: */*
        Pass(_at + (c == '*' && Has(SqlDialect.ExecutableComment) && Follows("/") ? 2 : 1));
    }

    private void Mark(int from, int to)
    {
        isSecret.AsSpan(from, to - from).Fill(true);
        Pass(to);
    }

    private void Pass(int to)
    {
        _at = to;
        (_wordBefore, _word) = ("", "");
    }

    private bool Has(SqlDialect feature) => (dialect & feature) != 0;

    private bool Follows(string text) => string.CompareOrdinal(sql, _at + 1, text, 0, text.Length) == 0;

    private static bool IsWord(char c) => char.IsLetterOrDigit(c) || c == '_' || c >= '\u0080';
}
