using System.Text.Json.Serialization;
using MlOps.Sdk.Reporting;

namespace MlOps.Sdk.Packaging;

/// <summary>
/// What a model expects of its input, and what happens to what it does not expect, before it sees a row. It is part of the package: every
/// process handles rows the same. Immutable and thread-safe.
/// </summary>
[JsonNumberHandling(JsonNumberHandling.AllowNamedFloatingPointLiterals)]
public sealed record InputContract
{
    /// <summary>The slack where none is declared: a tenth of the width of the range.</summary>
    public const double DefaultSlack = 0.1;

    // The serializer sets what is absent from a file to null.
    private readonly IReadOnlyList<string> _tolerated = [];
    private readonly IReadOnlyList<ColumnInputs> _columns = [];

    /// <summary>Where a row does not have a column that the model reads.</summary>
    public InputHandling MissingColumn { get; init; }

    /// <summary>Where a row has a column that the model does not read: only rows by column name can.</summary>
    public InputHandling ExtraColumn { get; init; }

    /// <summary>Extra columns that are accepted in any case.</summary>
    public IReadOnlyList<string> Tolerated
    {
        get => _tolerated;
        init => _tolerated = value ?? [];
    }

    /// <summary>Where there is no value.</summary>
    public InputHandling Missing { get; init; }

    /// <summary>Where a column cannot hold a value.</summary>
    public InputHandling Mistyped { get; init; }

    /// <summary>
    /// Where a number is out of the range of the training rows, or infinite. Columns without a number in the training rows have no range.
    /// </summary>
    public InputHandling OutOfDomain { get; init; }

    /// <summary>
    /// Where a text is none of those in the training rows. Of columns that are not named in <see cref="Columns"/> it concerns those with
    /// levels: at most 2,048 different texts, of which most rows have one that occurs more than twice.
    /// </summary>
    public InputHandling Unseen { get; init; }

    /// <summary>
    /// By how much the range of the training rows is widened on either side, as a share of its width, at least 0. Default: 0.1.
    /// </summary>
    public double Slack { get; init; } = DefaultSlack;

    /// <summary>What is said of single columns.</summary>
    public IReadOnlyList<ColumnInputs> Columns
    {
        get => _columns;
        init => _columns = value ?? [];
    }

    /// <summary>Whether it can have been written by this library.</summary>
    internal bool IsSound =>
        new[] { MissingColumn, ExtraColumn, Missing, Mistyped, OutOfDomain, Unseen }.All(IsForAll)
            && ExtraColumn != InputHandling.Default
            && Slack >= 0
            && !Tolerated.Contains(null!)
            && Columns.All(column => column is { Column: not null, Slack: null or >= 0 }
                && column.Handlings.All(handling => Enum.IsDefined(handling) && (column.Default is not null || IsForAll(handling))));

    private static bool IsForAll(InputHandling handling) => Enum.IsDefined(handling) && handling != InputHandling.Default;

    /// <summary>The record in a line; of long lists the first ten elements.</summary>
    public override string ToString() => RecordText.Of(this);
}
