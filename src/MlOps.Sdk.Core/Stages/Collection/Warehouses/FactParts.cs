namespace MlOps.Sdk.Collection;

/// <summary>What a warehouse is asked of columns besides how many values there are.</summary>
[Flags]
internal enum FactParts
{
    None = 0,

    /// <summary>The number of distinct values.</summary>
    Distinct = 1,

    /// <summary>Numbers by ranges, which give moments and quantiles.</summary>
    Ranges = 2,

    /// <summary>Texts with their counts.</summary>
    Texts = 4,

    /// <summary>The times that are covered.</summary>
    Times = 8,

    All = Distinct | Ranges | Texts | Times,
}
