namespace MlOps.Sdk;

/// <summary>A lifecycle is put together wrongly: all mistakes at once, each with its remedy.</summary>
public sealed class LifecycleConfigurationException : MlOpsException
{
    internal LifecycleConfigurationException(string lifecycle, IReadOnlyList<string> mistakes)
        : base(
            $"The lifecycle '{lifecycle}' has {mistakes.Count} " +
            $"mistake{(mistakes.Count == 1 ? "" : "s")}:" +
            $"{string.Concat(mistakes.Select(mistake => $"{Environment.NewLine}- {mistake}"))}") =>
        Mistakes = mistakes;

    /// <summary>The mistakes, each as a sentence with its remedy.</summary>
    public IReadOnlyList<string> Mistakes { get; }
}
