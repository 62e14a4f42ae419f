using MlOps.Sdk.Reporting;

namespace MlOps.Sdk.Training;

/// <summary>A setting that is one of some names.</summary>
public sealed record ChoiceHyperparameter : Hyperparameter
{
    /// <summary>Creates a hyperparameter.</summary>
    /// <param name="name">The name, unique for the trainer.</param>
    /// <param name="default">The choice that is used by default.</param>
    /// <param name="choices">The choices, at least one; compared without regard to case.</param>
    /// <exception cref="ArgumentException">The default is none of the choices.</exception>
    public ChoiceHyperparameter(string name, string @default, params IEnumerable<string> choices)
        : base(name, @default)
    {
        Choices = [.. choices];
        CheckDefault();
    }

    /// <summary>The choices.</summary>
    public IReadOnlyList<string> Choices { get; }

    /// <inheritdoc/>
    public override string Domain => $"one of {string.Join(", ", Choices)}";

    private protected override bool TryRead(HyperparameterValue value, out HyperparameterValue read)
    {
        var choice = value.IsText
            ? Choices.FirstOrDefault(known => string.Equals(known, value.AsText(), StringComparison.OrdinalIgnoreCase))
            : null;
        read = choice ?? value;
        return choice is not null;
    }

    /// <summary>The record in a line; of long lists the first ten elements.</summary>
    public override string ToString() => RecordText.Of(this);
}
