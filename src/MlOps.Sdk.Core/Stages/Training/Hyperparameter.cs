namespace MlOps.Sdk.Training;

/// <summary>A setting of a trainer that a search may vary.</summary>
/// <param name="Name">The name, unique for the trainer.</param>
/// <param name="Default">The value that is used when nothing is said.</param>
/// <param name="Minimum">The smallest value allowed.</param>
/// <param name="Maximum">The largest value allowed.</param>
/// <param name="IsInteger">Whether only whole numbers are allowed.</param>
public sealed record Hyperparameter(string Name, double Default, double Minimum, double Maximum, bool IsInteger = false)
{
    /// <summary>Returns the value when it is allowed.</summary>
    internal double Check(double value)
    {
        if (value >= Minimum && value <= Maximum && (!IsInteger || value == Math.Floor(value))) return value;
        throw new MlOpsException(
            FormattableString.Invariant($"The hyperparameter '{Name}' cannot be {value}."),
            FormattableString.Invariant(
                $"It is {(IsInteger ? "a whole number" : "a number")} from {Minimum} to {Maximum}; the default is {Default}."));
    }
}
