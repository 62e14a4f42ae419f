namespace MlOps.Sdk.Processing;

/// <summary>What a built-in row-wise step saves; each step uses the properties that it needs.</summary>
internal sealed record RowStepState
{
    public string? Column { get; init; }

    public string[]? Columns { get; init; }

    public string? To { get; init; }

    public ColumnType? Type { get; init; }

    public string? Value { get; init; }

    public bool? Trim { get; init; }

    public bool? Lower { get; init; }

    public bool? CollapseSpaces { get; init; }

    public string[]? Formats { get; init; }

    public string? Zone { get; init; }

    public string? Culture { get; init; }

    public ExpressionNode? Expression { get; init; }
}
