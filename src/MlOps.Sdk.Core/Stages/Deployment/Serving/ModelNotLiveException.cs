namespace MlOps.Sdk.Deployment;

/// <summary>
/// A prediction was requested before a version of the model is live in this process: none was promoted yet, none was taken up yet, or the
/// promoted one cannot be called with the classes of the application. <see cref="IEndpoint{TIn, TOut}.IsLive"/> tells beforehand.
/// </summary>
public sealed class ModelNotLiveException : MlOpsException
{
    /// <summary>Creates the failure.</summary>
    /// <param name="problem">What was requested, and why there is none.</param>
    /// <param name="remedy">What the reader can do about it.</param>
    public ModelNotLiveException(string problem, string? remedy)
        : base(problem, remedy)
    {
    }

    /// <summary>Creates the failure without details.</summary>
    public ModelNotLiveException()
        : base("No version of the model is live.")
    {
    }

    /// <summary>Creates the failure without details.</summary>
    /// <param name="message">What was requested.</param>
    public ModelNotLiveException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the failure with its cause.</summary>
    /// <param name="message">What was requested.</param>
    /// <param name="innerException">The cause.</param>
    public ModelNotLiveException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
