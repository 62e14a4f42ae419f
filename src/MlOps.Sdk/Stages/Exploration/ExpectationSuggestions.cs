using System.Globalization;
using System.Text;
using MlOps.Sdk.Data;
using MlOps.Sdk.Processing;

namespace MlOps.Sdk.Exploration;

/// <summary>Derives expectations from a profile; the rules are told where they are called, at <see cref="DatasetProfile.Suggest"/>.</summary>
internal static class ExpectationSuggestions
{
    private const int FewestRows = 20;
    private const int MostTexts = 10;
    private const int FewestRowsOfAText = 5;
    private static readonly ExpectationRows Rows = new();

    public static SuggestedExpectations Of(DatasetProfile profile)
    {
        if (profile.RowCount < FewestRows)
            throw new MlOpsException(string.Create(CultureInfo.InvariantCulture, $"A profile of {profile.RowCount} rows suggests nothing."), string.Create(CultureInfo.InvariantCulture, $"Profile at least {FewestRows} rows."));
        return new SuggestedExpectations(profile.Columns.SelectMany(Of));
    }

    private static IEnumerable<SuggestedExpectation> Of(ColumnSummary column)
    {
        var values = column.Count - column.Missing;
        var rows = Rows.Column(column.Name);
        if (column.Missing == 0)
            yield return New(rows.NotNull(), $"{column.Name} had a value in all {Show(column.Count)} rows.", "NotNull()");
        if (values < FewestRows) yield break;

        // The number of distinct values is an estimate, so an identifier may still have a value twice: a column of which it is not sure is not suggested.
        var isIdentifier = DatasetProfile.IsIdentifier(column) && column.Missing == 0;
        if (isIdentifier && column.Distinct >= 0.98 * values)
            yield return New(rows.Unique(), $"{column.Name} had about {Show(column.Distinct)} different values in {Show(values)} rows, as an identifier has.", "Unique()");
        if (column.Type is ColumnType.Number or ColumnType.Integer && column.Infinite == 0 && !isIdentifier)
        {
            var (low, high) = Widen(column);
            yield return New(rows.Between(low, high), $"{column.Name} lay between {Show(column.Minimum)} and {Show(column.Maximum)}.", $"Between({Show(low)}, {Show(high)})");
        }

        if (column.Type != ColumnType.Text) yield break;
        var isExact = column.Frequent.Sum(item => item.Lower) == values;
        if (isExact && column.Frequent.Count <= MostTexts && column.Frequent.All(item => item.Lower >= FewestRowsOfAText))
        {
            string[] texts = [.. column.Frequent.Select(item => item.Item).Order(StringComparer.Ordinal)];
            yield return New(rows.In(texts), $"{column.Name} had {texts.Length} different value{(texts.Length == 1 ? "" : "s")} in {Show(values)} rows.", $"In({string.Join(", ", texts.Select(Literal))})");
        }
        else
        {
            var most = (int)Math.Min(int.MaxValue, column.Minimum == column.Maximum ? column.Maximum : 2 * column.Maximum);
            var least = column.Minimum == column.Maximum ? most : column.Minimum > 0 ? 1 : 0;
            yield return New(rows.LengthBetween(least, most), $"{column.Name} was {Show(column.Minimum)} to {Show(column.Maximum)} characters long.", $"LengthBetween({least}, {most})");
        }

        SuggestedExpectation New(IExpectation expectation, string reason, string call) => new(expectation, reason, $"rows.Column({Literal(column.Name)}).{call}");
    }

    private static (double Low, double High) Widen(ColumnSummary column)
    {
        var margin = (column.Maximum - column.Minimum) / 10;
        if (margin == 0) margin = Math.Abs(column.Maximum) / 10;
        var (low, high) = (column.Minimum - margin, column.Maximum + margin);
        if (column.Type == ColumnType.Integer) (low, high) = (Math.Floor(low), Math.Ceiling(high));
        return (column.Minimum >= 0 ? Math.Max(0, low) : low, column.Maximum <= 0 ? Math.Min(0, high) : high);
    }

    private static string Show(double number) => number.ToString("R", CultureInfo.InvariantCulture);

    private static string Literal(string text)
    {
        var literal = new StringBuilder("\"");
        foreach (var c in text)
        {
            if (c is '"' or '\\') literal.Append('\\').Append(c);
            else if (char.IsControl(c) || char.IsSurrogate(c) || c is '\u2028' or '\u2029' || char.GetUnicodeCategory(c) == UnicodeCategory.Format) literal.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
            else literal.Append(c);
        }

        return literal.Append('"').ToString();
    }
}
