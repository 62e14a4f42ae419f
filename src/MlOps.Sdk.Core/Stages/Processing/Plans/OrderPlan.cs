namespace MlOps.Sdk.Processing;

/// <summary>The check depends on the order of rows, which a table does not have.</summary>
internal sealed record OrderPlan : TablePlan
{
    public static OrderPlan Instance { get; } = new();
}
