using MlOps.Sdk.Data;

namespace MlOps.Sdk.AspNetCore;

/// <summary>All that is wrong with a request: the first ones, and how many there are. Not thread-safe.</summary>
/// <param name="most">How many are listed at most.</param>
/// <param name="hasRows">Whether the row of a mistake is told; that of a line is the line.</param>
internal sealed class Mistakes(int most, bool hasRows = true)
{
    private const int TooMany = 10_000;

    private readonly List<Mistake> _listed = [];

    public IReadOnlyList<Mistake> Listed => _listed;

    public int Count { get; private set; }

    /// <summary>Counts a mistake.</summary>
    /// <returns>Whether it is to be listed, too: a request of nothing but mistakes must not cost a text for each of them.</returns>
    public bool Note()
    {
        Count++;
        return _listed.Count < most;
    }

    /// <summary>Lists a mistake that is counted already.</summary>
    public void List(int? row, string? column, string problem, string? remedy) =>
        _listed.Add(new Mistake(hasRows ? row : null, column is null ? null : PrintableText.Shorten(column), problem, remedy));

    /// <summary>Counts a mistake of an id, and lists it if there is room.</summary>
    public void AddOfId(string id, string problem, string remedy)
    {
        if (Note()) ListOfId(id, problem, remedy);
    }

    /// <summary>Lists a mistake of an id that is counted already.</summary>
    public void ListOfId(string id, string problem, string remedy) =>
        _listed.Add(new Mistake(null, null, problem, remedy, PrintableText.Shorten(id)));

    /// <summary>Counts a mistake, and lists it if there is room.</summary>
    public void Add(int? row, string? column, string problem, string? remedy)
    {
        if (Note()) List(row, column, problem, remedy);
    }

    /// <summary>Begins again.</summary>
    public void Clear()
    {
        Count = 0;
        _listed.Clear();
    }

    /// <summary>Ends the reading of a request with so many mistakes that more would only cost memory.</summary>
    /// <exception cref="Rejection">There are so many.</exception>
    public void ThrowIfTooMany()
    {
        if (Count >= TooMany) ThrowIfAny();
    }

    /// <exception cref="Rejection">There is a mistake.</exception>
    public void ThrowIfAny()
    {
        if (Count > 0) throw Rejection.OfMistakes(this);
    }
}
