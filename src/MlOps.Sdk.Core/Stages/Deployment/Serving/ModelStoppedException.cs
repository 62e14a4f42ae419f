using System.Globalization;
using MlOps.Sdk.Registry;

namespace MlOps.Sdk.Deployment;

/// <summary>
/// A prediction was requested of a model that is stopped (<c>Traffic.StopAsync</c>). No version answers until the model is resumed, and
/// nothing takes its place.
/// </summary>
public sealed class ModelStoppedException : MlOpsException
{
    internal ModelStoppedException(ModelSwitch stopped)
        : base(
            string.Create(
                CultureInfo.InvariantCulture,
                $"'{stopped.Model}' was stopped by {stopped.Actor} at {stopped.At:yyyy-MM-dd HH:mm:ss} UTC: " +
                    $"{stopped.Reason.TrimEnd('.')}."),
            "Call Traffic.ResumeAsync once it may answer again, or declare a fallback for it.")
    {
        (Reason, Actor, At) = (stopped.Reason, stopped.Actor, stopped.At);
    }

    /// <summary>Creates the failure without details.</summary>
    public ModelStoppedException()
        : base("The model is stopped.")
    {
    }

    /// <summary>Creates the failure without details.</summary>
    /// <param name="message">What was requested.</param>
    public ModelStoppedException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the failure with its cause.</summary>
    /// <param name="message">What was requested.</param>
    /// <param name="innerException">The cause.</param>
    public ModelStoppedException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Why it was stopped; empty where nobody said.</summary>
    public string Reason { get; } = "";

    /// <summary>Who stopped it; empty where nobody said.</summary>
    public string Actor { get; } = "";

    /// <summary>When it was stopped, in UTC.</summary>
    public DateTimeOffset At { get; }
}
