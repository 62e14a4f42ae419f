namespace MlOps.Sdk.Training;

/// <summary>A setting that is on or off.</summary>
public sealed record BooleanHyperparameter : Hyperparameter
{
    /// <summary>Creates a hyperparameter.</summary>
    /// <param name="name">The name, unique for the trainer.</param>
    /// <param name="default">The value that is used by default.</param>
    public BooleanHyperparameter(string name, bool @default)
        : base(name, @default)
    {
    }

    /// <inheritdoc/>
    public override string Domain => "true or false";

    private protected override bool TryRead(HyperparameterValue value, out HyperparameterValue read)
    {
        read = value;
        return value.IsBoolean;
    }
}
