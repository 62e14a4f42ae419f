namespace MlOps.Sdk.Training;

/// <summary>A setting that is a whole number.</summary>
public sealed record IntegerHyperparameter : Hyperparameter
{
    /// <summary>Creates a hyperparameter.</summary>
    /// <param name="name">The name, unique for the trainer.</param>
    /// <param name="default">The value that is used by default.</param>
    /// <param name="minimum">The smallest value allowed.</param>
    /// <param name="maximum">The largest value allowed.</param>
    /// <exception cref="ArgumentException">The default is not between the bounds.</exception>
    public IntegerHyperparameter(string name, int @default, int minimum, int maximum)
        : base(name, @default)
    {
        Minimum = minimum;
        Maximum = maximum;
        CheckDefault();
    }

    /// <summary>The smallest value allowed.</summary>
    public int Minimum { get; }

    /// <summary>The largest value allowed.</summary>
    public int Maximum { get; }

    /// <inheritdoc/>
    public override string Domain => FormattableString.Invariant($"a whole number from {Minimum} to {Maximum}");

    private protected override bool TryRead(HyperparameterValue value, out HyperparameterValue read)
    {
        read = value;
        return value.IsNumber
            && value.AsNumber() >= Minimum
            && value.AsNumber() <= Maximum
            && value.AsNumber() == Math.Floor(value.AsNumber());
    }
}
