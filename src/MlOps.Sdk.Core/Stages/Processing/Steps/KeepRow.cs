namespace MlOps.Sdk.Processing;

/// <summary>Which of several rows stays.</summary>
public enum KeepRow
{
    /// <summary>The first.</summary>
    First,

    /// <summary>The last.</summary>
    Last,
}
