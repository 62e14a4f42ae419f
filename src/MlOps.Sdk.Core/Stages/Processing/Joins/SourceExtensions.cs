using MlOps.Sdk.Collection;
using MlOps.Sdk.Processing;

namespace MlOps.Sdk;

/// <summary>Sources that are made of others.</summary>
public static class SourceExtensions
{
    /// <summary>
    /// A source whose rows get the columns of another one whose key equals theirs. A row never becomes several: two rows of the other
    /// source with one key are an error. A missing key equals none. Rows stream; the other source is read whole, and held in memory, each
    /// time this one is opened. All columns of the first source are read, also where fewer are requested. What is new, malformed or at a
    /// position is said of the first source; a source joined with <see cref="JoinKind.Inner"/>, or with one that is not repeatable itself,
    /// cannot be read again from a position. The reference must be whole: a row of it that cannot be read ends the reading, whatever is
    /// said of malformed rows. For the same in stage 3, see <see cref="JoinExtensions"/>.
    /// </summary>
    /// <param name="source">The source of the rows.</param>
    /// <param name="reference">The source to look up in.</param>
    /// <param name="on">The columns of the key, of the same names in both; at least one.</param>
    /// <param name="kind">What happens to a row without counterpart. Default: it stays, without values.</param>
    /// <param name="columns">The columns of the other source to append. Default: all except the key.</param>
    /// <param name="prefix">What the new columns' names begin with. Default: nothing.</param>
    public static IDataSource Join(
        this IDataSource source,
        IDataSource reference,
        IReadOnlyList<string> on,
        JoinKind kind = JoinKind.Left,
        IReadOnlyList<string>? columns = null,
        string prefix = "")
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(reference);
        ArgumentNullException.ThrowIfNull(on);
        ArgumentNullException.ThrowIfNull(prefix);
        if (on.Count == 0 || on.Any(string.IsNullOrEmpty)) throw new ArgumentException("Name at least one column.", nameof(on));
        if (!Enum.IsDefined(kind)) throw new ArgumentOutOfRangeException(nameof(kind), kind, "A join must be inner or left.");
        return new JoinedSource(
            source,
            reference,
            [.. on.Distinct(StringComparer.Ordinal)],
            kind,
            columns is null ? null : [.. columns.Distinct(StringComparer.Ordinal)],
            prefix);
    }

    /// <summary>
    /// The rows of several sources as those of one, one source after the other, so that they can be profiled, joined or compared together.
    /// Their columns must be equal. Positions and malformed rows are those of all. The source is repeatable, and has a version, when each
    /// of them is and has. It cannot tell what is new: for <see cref="SourceReading.OnlyNew"/>, name the sources one by one with
    /// <see cref="CollectionBuilder.From(IDataSource, Action{SourceReading}?)"/>.
    /// </summary>
    /// <param name="first">The source whose rows come first.</param>
    /// <param name="others">Those whose rows follow, in order; at least one.</param>
    public static IDataSource Concat(this IDataSource first, params IDataSource[] others)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(others);
        foreach (var other in others) ArgumentNullException.ThrowIfNull(other, nameof(others));
        if (others.Length == 0) throw new ArgumentException("Name at least one more source.", nameof(others));
        return new ConcatenatedSource([first, .. others]);
    }
}
