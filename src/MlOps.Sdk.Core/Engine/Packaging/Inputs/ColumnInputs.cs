using System.Text.Json.Serialization;

namespace MlOps.Sdk.Packaging;

/// <summary>What the input contract says of one column. What is <see langword="null"/> is as for all columns.</summary>
/// <param name="Column">The column.</param>
[JsonNumberHandling(JsonNumberHandling.AllowNamedFloatingPointLiterals)]
public sealed record ColumnInputs(string Column)
{
    /// <summary>Where a row does not have the column.</summary>
    public InputHandling? MissingColumn { get; init; }

    /// <summary>Where there is no value.</summary>
    public InputHandling? Missing { get; init; }

    /// <summary>Where the column cannot hold the value.</summary>
    public InputHandling? Mistyped { get; init; }

    /// <summary>Where a number is out of the range.</summary>
    public InputHandling? OutOfDomain { get; init; }

    /// <summary>Where a text is not one of the training rows.</summary>
    public InputHandling? Unseen { get; init; }

    /// <summary>By how much the range of the training rows is widened on either side, as a share of its width.</summary>
    public double? Slack { get; init; }

    /// <summary>
    /// The value that takes the place of others, as a text: a number such as 12.5, true or false, a time such as 2024-01-31T12:00:00Z.
    /// </summary>
    public string? Default { get; init; }

    /// <summary>What is declared for the kinds of problems.</summary>
    internal IEnumerable<InputHandling> Handlings =>
        new[] { MissingColumn, Missing, Mistyped, OutOfDomain, Unseen }.OfType<InputHandling>();
}
