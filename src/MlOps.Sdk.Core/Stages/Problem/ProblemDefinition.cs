using System.Text.Json.Serialization;
using MlOps.Sdk.Reporting;

namespace MlOps.Sdk.Problem;

/// <summary>What is to be solved, for whom, at what risk. Part of every run and every package.</summary>
public sealed record ProblemDefinition
{
    // The serializer sets what is absent from a file to null.
    private readonly IReadOnlyList<string> _protectedAttributes = [];

    /// <summary>What is predicted.</summary>
    public required TaskKind Task { get; init; }

    /// <summary>The column with the truth.</summary>
    public required string Label { get; init; }

    /// <summary>The label's value that counts as positive; binary classification only.</summary>
    public string? PositiveClass { get; init; }

    /// <summary>What the prediction is good for, in a sentence.</summary>
    public string? Objective { get; init; }

    /// <summary>What errors cost; <see langword="null"/> when all errors cost the same.</summary>
    public ErrorCosts? Costs { get; init; }

    /// <summary>The team or person that answers for the model.</summary>
    public string? Owner { get; init; }

    /// <summary>The risk that the use of the model bears. Default: <see cref="RiskLevel.Minimal"/>.</summary>
    public RiskLevel Risk { get; init; }

    /// <summary>Whether somebody said what the risk is. Otherwise <see cref="Risk"/> is only the default. Default: no.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool IsRiskStated { get; init; }

    /// <summary>The risk that somebody stated; <see langword="null"/> where nobody did. Earlier versions did not note the lowest.</summary>
    internal RiskLevel? StatedRisk => IsRiskStated || Risk != RiskLevel.Minimal ? Risk : null;

    /// <summary>Columns by which nobody may be put at a disadvantage; watched for bias.</summary>
    public IReadOnlyList<string> ProtectedAttributes
    {
        get => _protectedAttributes;
        init => _protectedAttributes = value ?? [];
    }

    /// <summary>What is done today without the model, in a sentence, and how well, so that the gain can be named.</summary>
    public string? Baseline { get; init; }

    /// <summary>The record in a line; of long lists the first ten elements.</summary>
    public override string ToString() => RecordText.Of(this);
}
