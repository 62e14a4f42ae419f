using System.Globalization;
using System.Text;
using MlOps.Sdk.Processing;
using MlOps.Sdk.Reporting;

namespace MlOps.Sdk.Exploration;

/// <summary>
/// Derives expectations from a profile; the rules are described at <see cref="DatasetProfile.Suggest"/>.
/// </summary>
internal static class ExpectationSuggestions
{
    private const int FewestRows = 20;
    private const int MostTexts = 10;
    private const int FewestRowsOfAText = 5;
    private static readonly ExpectationRows Rows = new();

    public static SuggestedExpectations Of(DatasetProfile profile)
    {
        if (profile.RowCount < FewestRows)
        {
            throw new MlOpsException(
                $"A profile of {Prose.Count(profile.RowCount, "row")} is too small for suggestions.",
                string.Create(CultureInfo.InvariantCulture, $"Profile at least {FewestRows} rows."));
        }
        return new SuggestedExpectations(profile.Columns.SelectMany(Of));
    }

    private static IEnumerable<SuggestedExpectation> Of(ColumnSummary column)
    {
        var values = column.Count - column.Missing;
        var rows = Rows.Column(column.Name);
        if (column.Missing == 0)
            yield return New(rows.NotNull(), $"{column.Name} had a value in all {Show(column.Count)} rows.", "NotNull()");
        if (values < FewestRows) yield break;

        var isIdentifier = DatasetProfile.IsIdentifier(column) && column.Missing == 0;
        if (isIdentifier && column.IsUnique == true)
        {
            yield return New(
                rows.Unique(), $"{column.Name} had a different value in each of {Show(values)} rows, like an identifier.", "Unique()");
        }
        if (column.Type is ColumnType.Number or ColumnType.Integer && column.Infinite == 0 && !isIdentifier)
        {
            var (low, high) = Widen(column);
            yield return New(
                rows.Between(low, high),
                $"{column.Name} lay between {Brief(column.Minimum)} and {Brief(column.Maximum)}.",
                $"Between({Show(low)}, {Show(high)})");
        }

        if (column.Type != ColumnType.Text) yield break;
        var isExact = column.Frequent.Sum(item => item.Lower) == values;
        if (isExact && column.Frequent.Count <= MostTexts && column.Frequent.All(item => item.Lower >= FewestRowsOfAText))
        {
            string[] texts = [.. column.Frequent.Select(item => item.Item).Order(StringComparer.Ordinal)];
            yield return New(
                rows.In(texts),
                $"{column.Name} had {texts.Length} different value{(texts.Length == 1 ? "" : "s")} in {Show(values)} rows.",
                $"In({string.Join(", ", texts.Select(Literal))})");
        }
        else
        {
            var most = (int)Math.Min(int.MaxValue, column.Minimum == column.Maximum ? column.Maximum : 2 * column.Maximum);
            var least = column.Minimum == column.Maximum ? most : column.Minimum > 0 ? 1 : 0;
            yield return New(
                rows.LengthBetween(least, most),
                column.Minimum == column.Maximum
                    ? $"{column.Name} was {Show(column.Minimum)} characters long."
                    : $"{column.Name} was {Show(column.Minimum)} to {Show(column.Maximum)} characters long.",
                $"LengthBetween({least}, {most})");
        }

        SuggestedExpectation New(IExpectation expectation, string reason, string call) =>
            new(expectation, reason, $"rows.Column({Literal(column.Name)}).{call}");
    }

    private static (double Low, double High) Widen(ColumnSummary column)
    {
        var (min, max) = (column.Minimum, column.Maximum);

        // Two values are a flag or a code: a third one between or beside them is what should be noticed.
        if (min < max && column.Distinct <= 2) return (min, max);
        var margin = (max - min) / 10;
        if (margin == 0) margin = Math.Abs(max) / 10;
        else if (column.Type == ColumnType.Integer) margin = Math.Floor(margin);
        var (low, high) = (Outwards(min - margin, -1), Outwards(max + margin, 1));
        if (min >= 0) low = Math.Max(0, low);
        if (max <= 0) high = Math.Min(0, high);
        return (double.IsFinite(low) && low <= min ? low : min, double.IsFinite(high) && high >= max ? high : max);

        // To three digits of the range, but to no finer digits than a double has.
        double Outwards(double bound, int direction)
        {
            var digits = Math.Log10(max > min ? max - min : Math.Max(Math.Abs(max), double.Epsilon));
            var unit = Math.Max((int)Math.Floor(digits) - 2, (int)Math.Floor(Math.Log10(Math.Max(Math.Abs(bound), double.Epsilon))) - 14);
            if (column.Type == ColumnType.Integer) unit = Math.Max(0, unit);
            if (!double.IsFinite(bound) || Math.Abs(unit) > 290) return bound;
            var steps = bound / Math.Pow(10, unit);

            // What is a whole number of steps except for the error of the division stays one.
            var nearest = Math.Round(steps);
            var whole = Math.Abs(steps - nearest) <= 1e-9 * Math.Abs(steps) ? nearest
                : direction < 0 ? Math.Floor(steps)
                : Math.Ceiling(steps);
            return unit >= 0 ? whole * Math.Pow(10, unit) : whole / Math.Pow(10, -unit);
        }
    }

    private static string Show(double number) => number.ToString("R", CultureInfo.InvariantCulture);

    private static string Brief(double number) => Math.Abs(number) is >= 1e15 or (> 0 and < 1e-5) || number != Math.Round(number)
        ? number.ToString("G6", CultureInfo.InvariantCulture)
        : Show(number);

    private static string Literal(string text)
    {
        var literal = new StringBuilder("\"");
        foreach (var c in text)
        {
            if (c is '"' or '\\')
            {
                literal.Append('\\').Append(c);
            }
            else if (char.IsControl(c)
                || char.IsSurrogate(c)
                || c is '\u2028' or '\u2029'
                || char.GetUnicodeCategory(c) == UnicodeCategory.Format)
            {
                literal.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
            }
            else
            {
                literal.Append(c);
            }
        }

        return literal.Append('"').ToString();
    }
}
