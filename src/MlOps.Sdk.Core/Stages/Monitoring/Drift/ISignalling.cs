namespace MlOps.Sdk.Monitoring;

/// <summary>A built-in monitor that says which signal it gives, and which it needs.</summary>
internal interface ISignalling : IDriftMonitor
{
    /// <summary>The signal.</summary>
    Signal Signal { get; }
}
