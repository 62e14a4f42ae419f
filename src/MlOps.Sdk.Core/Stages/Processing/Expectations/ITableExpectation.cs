namespace MlOps.Sdk.Processing;

/// <summary>An expectation that can be checked where rows are in a warehouse.</summary>
internal interface ITableExpectation : IExpectation
{
    /// <summary>How.</summary>
    TablePlan Plan { get; }
}
