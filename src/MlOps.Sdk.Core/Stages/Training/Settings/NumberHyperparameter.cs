namespace MlOps.Sdk.Training;

/// <summary>A setting that is a number.</summary>
public sealed record NumberHyperparameter : Hyperparameter
{
    /// <summary>Creates a hyperparameter.</summary>
    /// <param name="name">The name, unique for the trainer.</param>
    /// <param name="default">The value that is used by default.</param>
    /// <param name="minimum">The smallest value allowed.</param>
    /// <param name="maximum">The largest value allowed.</param>
    /// <exception cref="ArgumentException">The default is not between the bounds.</exception>
    public NumberHyperparameter(string name, double @default, double minimum, double maximum)
        : base(name, @default)
    {
        Minimum = minimum;
        Maximum = maximum;
        CheckDefault();
    }

    /// <summary>The smallest value allowed.</summary>
    public double Minimum { get; }

    /// <summary>The largest value allowed.</summary>
    public double Maximum { get; }

    /// <inheritdoc/>
    public override string Domain => FormattableString.Invariant($"a number from {Minimum} to {Maximum}");

    private protected override bool TryRead(HyperparameterValue value, out HyperparameterValue read)
    {
        read = value;
        return value.IsNumber && value.AsNumber() >= Minimum && value.AsNumber() <= Maximum;
    }
}
