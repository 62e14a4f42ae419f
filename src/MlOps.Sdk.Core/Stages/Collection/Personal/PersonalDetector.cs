using System.Buffers;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.Collection;

/// <summary>Counts the values of a column that look like personal data. Not thread-safe.</summary>
internal sealed class PersonalDetector(Field field)
{
    public const int MostValues = 10_000;
    private const int FewestMatches = 3;
    private const int LongestText = 320;
    private static readonly SearchValues<char> OfLocalParts = SearchValues.Create(
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.!#$%&'*+/=?^_`{|}~-");
    private static readonly SearchValues<char> OfPhones = SearchValues.Create("0123456789 ()-./");
    private static readonly HashSet<string> NameWords = ["name", "surname", "firstname", "lastname", "fullname", "forename"];
    private static readonly HashSet<string> Persons =
    [
        "first", "last", "given", "family", "middle", "full", "maiden", "customer", "client", "patient", "employee", "person", "contact",
        "member", "subscriber", "guest", "passenger"
    ];
    private static readonly HashSet<string> PhoneWords = ["phone", "telephone", "tel", "mobile", "cell", "cellphone", "fax", "msisdn"];
    private readonly string[] _words = WordsOf(field.Name);
    private readonly long[] _matches = new long[Enum.GetValues<PersonalKind>().Length];
    private long _values;

    public bool IsFull => _values >= MostValues;

    public void Add(Column column, int row)
    {
        if (field.Type is not (ColumnType.Text or ColumnType.Integer) || column.GetText(row) is not { } text) return;
        _values++;
        if (text.Length > LongestText) return;
        text = text.Trim();
        foreach (var kind in Enum.GetValues<PersonalKind>())
        {
            if (Matches(kind, text)) _matches[(int)kind]++;
        }
    }

    public IEnumerable<PersonalFinding> Findings()
    {
        foreach (var kind in Enum.GetValues<PersonalKind>())
        {
            var (matches, share) = (_matches[(int)kind], _values == 0 ? 0 : (double)_matches[(int)kind] / _values);
            if (matches < FewestMatches || share < (kind is PersonalKind.Email or PersonalKind.Iban or PersonalKind.IpAddress ? 0.1 : 0.5))
            {
                continue;
            }
            yield return new PersonalFinding(field.Name, kind, share, _values, string.Create(CultureInfo.InvariantCulture,
                $"{field.Name} seems to hold {Describe(kind)}: {100 * share:0.#} % of {_values:N0} values look like it; " +
                    $"mark it with Personal(…) in CollectData."));
        }
    }

    private static string Describe(PersonalKind kind) => kind switch
    {
        PersonalKind.Email => "email addresses",
        PersonalKind.Phone => "telephone numbers",
        PersonalKind.Iban => "IBANs",
        PersonalKind.CardNumber => "card numbers",
        PersonalKind.IpAddress => "IP addresses",
        _ => "names of persons",
    };

    private bool Matches(PersonalKind kind, string text) => kind switch
    {
        PersonalKind.Email => IsEmail(text),
        PersonalKind.Phone => IsPhone(text, _words.Any(PhoneWords.Contains)),
        PersonalKind.Iban => IsIban(text),
        PersonalKind.CardNumber => IsCard(text),
        PersonalKind.IpAddress => IsAddress(text),
        _ => NamesPersons(_words) && IsName(text),
    };

    private static bool IsEmail(string text)
    {
        var at = text.LastIndexOf('@');
        if (at is < 1 or > 64 || text.AsSpan(0, at).ContainsAnyExcept(OfLocalParts) || text[0] == '.' || text[at - 1] == '.') return false;
        var labels = text[(at + 1)..].Split('.');
        return labels.Length >= 2 && labels[^1].Length >= 2 && labels[^1].All(char.IsLetter)
            && labels.All(label => label.Length is > 0 and <= 63
                && label[0] != '-'
                && label[^1] != '-'
                && label.All(c => char.IsLetterOrDigit(c) || c == '-'));
    }

    // A number alone is not a telephone number, unless the column says so: identifiers, amounts and dates are
    // written with the same characters.
    private static bool IsPhone(string text, bool isNamed)
    {
        var digits = text.Count(char.IsAsciiDigit);
        if (digits is < 7 or > 15 || text.AsSpan(1).ContainsAnyExcept(OfPhones) || !(char.IsAsciiDigit(text[0]) || text[0] is '+' or '('))
        {
            return false;
        }
        if (text[0] == '+') return true;
        var groups = text.Split([' ', '(', ')', '-', '.', '/'], StringSplitOptions.RemoveEmptyEntries);
        if (isNamed) return !IsDate(groups);
        return groups is [{ Length: 3 }, { Length: 3 }, { Length: 4 }]
            || (text[0] == '(' || text[0] == '0')
                && groups.Length >= 2
                && !IsDate(groups)
                && !double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out _);
    }

    private static bool IsDate(string[] groups) =>
        groups is [{ Length: <= 2 }, { Length: <= 2 }, { Length: 2 or 4 }, ..] or [{ Length: 4 }, { Length: <= 2 }, { Length: <= 2 }, ..];

    private static bool IsIban(string text)
    {
        var compact = text.Replace(" ", "", StringComparison.Ordinal);
        if (compact.Length is < 15 or > 34
            || !compact.All(char.IsAsciiLetterOrDigit)
            || !char.IsAsciiLetter(compact[0])
            || !char.IsAsciiLetter(compact[1])
            || !char.IsAsciiDigit(compact[2])
            || !char.IsAsciiDigit(compact[3]))
        {
            return false;
        }
        var rest = 0;
        for (var i = 0; i < compact.Length; i++)
        {
            var c = char.ToUpperInvariant(compact[(i + 4) % compact.Length]);
            rest = char.IsAsciiDigit(c) ? (rest * 10 + (c - '0')) % 97 : (rest * 100 + (c - 'A' + 10)) % 97;
        }

        return rest == 1;
    }

    private static bool IsCard(string text)
    {
        if (text.Length == 0 || text[0] is < '2' or > '6') return false;
        int digits = 0, sum = 0;
        for (var i = text.Length - 1; i >= 0; i--)
        {
            if (text[i] is ' ' or '-') continue;
            if (!char.IsAsciiDigit(text[i])) return false;
            var digit = text[i] - '0';
            if (digits++ % 2 == 1) digit = digit > 4 ? 2 * digit - 9 : 2 * digit;
            sum += digit;
        }

        return digits is >= 13 and <= 19 && sum % 10 == 0;
    }

    // The parser takes a number alone, or three parts, for an IPv4 address, too.
    private static bool IsAddress(string text) => IPAddress.TryParse(text, out var address)
        && (address.AddressFamily == AddressFamily.InterNetworkV6 || text.Count(c => c == '.') == 3 && address.ToString() == text);

    private static bool NamesPersons(string[] words) =>
        words.Length > 0 && NameWords.Contains(words[^1]) && (words.Length == 1 || Persons.Contains(words[^2]));

    private static bool IsName(string text)
    {
        var words = text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return words.Length is >= 1 and <= 5
            && char.IsUpper(words[0][0])
            && char.IsUpper(words[^1][0])
            && words.All(word => word.All(c => char.IsLetter(c) || c is '-' or '\'' or '’' or '.'))
            && text.Any(char.IsLower);
    }

    private static string[] WordsOf(string name)
    {
        var words = new List<string>();
        var start = 0;
        for (var i = 1; i <= name.Length; i++)
        {
            if (i < name.Length
                && char.IsLetter(name[i])
                && char.IsLetter(name[i - 1])
                && !(char.IsUpper(name[i]) && char.IsLower(name[i - 1])))
            {
                continue;
            }
            var word = name[start..i].Trim('_', '-', ' ', '.').ToLowerInvariant();
            if (word.Length > 0) words.Add(word);
            start = i;
        }

        return [.. words];
    }
}
