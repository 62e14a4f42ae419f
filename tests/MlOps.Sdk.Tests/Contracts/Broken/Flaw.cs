namespace MlOps.Sdk.Tests.Contracts;

/// <summary>What is wrong with a plug-in; each was met in practice.</summary>
public enum Flaw
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>An engine keeps its answer until the row's position changes, and the position never does.</summary>
    PositionStuck,

    /// <summary>What is needed to answer belongs to the thread that made it.</summary>
    StateOfAThread,

    /// <summary>What is kept in the scratch is found by the type of its owner.</summary>
    StateByType,

    /// <summary>Classes are numbered as they occur in the rows.</summary>
    ClassesByOccurrence,

    /// <summary>A class without rows has no output.</summary>
    FewerOutputs,

    /// <summary>The token is looked at before the training, and not while it goes on.</summary>
    IgnoresCancellation,

    /// <summary>Once cancelled, always cancelled.</summary>
    StaysCancelled,

    /// <summary>Something is drawn without a seed.</summary>
    NeverTheSame,
}
