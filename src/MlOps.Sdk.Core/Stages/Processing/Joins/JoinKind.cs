namespace MlOps.Sdk.Processing;

/// <summary>What a join does with a row that has no counterpart.</summary>
public enum JoinKind
{
    /// <summary>The row is left out.</summary>
    Inner,

    /// <summary>The row stays, without values in the joined columns.</summary>
    Left,
}
