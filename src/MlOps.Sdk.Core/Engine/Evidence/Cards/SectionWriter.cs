using MlOps.Sdk.Reporting;

namespace MlOps.Sdk.Evidence;

/// <summary>Collects the facts, tables and gaps of one section of a card. Not thread-safe.</summary>
internal sealed class SectionWriter(string title, List<ModelCardGap> missing)
{
    // A card is read by people: what is longer is in the records.
    private const int MostRows = 40;

    private readonly List<ModelCardFact> _facts = [];
    private readonly List<ModelCardTable> _tables = [];

    public ModelCardSection Section => new(title, _facts, _tables);

    /// <summary>A fact, where it is recorded.</summary>
    public SectionWriter Fact(string name, string? value)
    {
        if (!string.IsNullOrWhiteSpace(value)) _facts.Add(new ModelCardFact(name, value));
        return this;
    }

    /// <summary>A fact that a card should have: a gap where it is not recorded.</summary>
    public SectionWriter Fact(string name, string? value, string lack, string remedy) =>
        string.IsNullOrWhiteSpace(value) ? Gap(lack, remedy) : Fact(name, value);

    public SectionWriter Gap(string what, string remedy)
    {
        missing.Add(new ModelCardGap(title, what, remedy));
        return this;
    }

    /// <summary>A gap, where something is not recorded.</summary>
    public SectionWriter GapIf(bool isMissing, string what, string remedy) => isMissing ? Gap(what, remedy) : this;

    /// <summary>A table, where it has rows, with all of them.</summary>
    public SectionWriter WholeTable(IReadOnlyList<string> columns, IEnumerable<IReadOnlyList<string>> rows)
    {
        IReadOnlyList<string>[] all = [.. rows];
        if (all.Length > 0) _tables.Add(new ModelCardTable(columns, all));
        return this;
    }

    /// <summary>A table, where it has rows; of a long one the first, and how many more there are.</summary>
    public SectionWriter Table(IReadOnlyList<string> columns, IEnumerable<IReadOnlyList<string>> rows)
    {
        IReadOnlyList<string>[] all = [.. rows];
        if (all.Length == 0) return this;
        _tables.Add(new ModelCardTable(columns, all.Length <= MostRows ? all : [.. all.Take(MostRows), Rest(columns.Count, all.Length)]));
        return this;

        static IReadOnlyList<string> Rest(int columns, int rows) =>
            [$"… {HtmlPage.Count(rows - MostRows)} more in the records", .. Enumerable.Repeat("", columns - 1)];
    }
}
