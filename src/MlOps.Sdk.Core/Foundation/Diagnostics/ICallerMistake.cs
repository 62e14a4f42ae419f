namespace MlOps.Sdk.Diagnostics;

/// <summary>An exception that says what a caller gave wrong, so that it is no failure of the model or of the host.</summary>
internal interface ICallerMistake
{
    /// <summary>Whether an exception says what a caller gave wrong.</summary>
    static bool Is(Exception exception) => exception is ICallerMistake or MlOpsException { IsOfCaller: true };
}
