namespace MlOps.Sdk.Collection;

/// <summary>How a warehouse is asked.</summary>
public sealed class WarehouseOptions
{
    /// <summary>A name for messages and reports, without secrets. Default: that of the dialect.</summary>
    public string? Name { get; set; }

    /// <summary>How long a statement may take, on every provider: one that takes longer is cancelled. Default: ten minutes.</summary>
    public TimeSpan CommandTimeout { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>
    /// Told before each statement what is asked; <see langword="null"/> (the default) for nobody. It is called on any thread.
    /// </summary>
    public IProgress<WarehouseProgress>? Progress { get; set; }

    internal void Validate()
    {
        if (Name is not null && string.IsNullOrWhiteSpace(Name))
        {
            throw new MlOpsException("The warehouse has an empty name.", "Give it one, without secrets, or leave it out.");
        }
        if (CommandTimeout <= TimeSpan.Zero || CommandTimeout.TotalSeconds > int.MaxValue)
        {
            throw new MlOpsException($"{CommandTimeout} is not a valid command timeout.", "Give more than zero.");
        }
    }
}
